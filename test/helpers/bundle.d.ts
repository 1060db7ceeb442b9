export function bundleModule(module: string, file: string): Promise<void>;
