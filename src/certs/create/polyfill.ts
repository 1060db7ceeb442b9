// In a file of its own because it must run before the first line of @peculiar/x509, bundled or not.
import 'reflect-metadata';
