// A file of its own: what it does must be done before the first line of @peculiar/x509 runs, bundled or not.
import 'reflect-metadata';
