import { defineConfig } from 'rolldown';

/**
 * undici's client asks for node:http2 when it loads and goes on without it when that fails. hookproof
 * speaks HTTP/1.1 alone, as the vendors do, so a start need not pay for HTTP/2 (4 ms on Node 20).
 */
const withoutHttp2 = {
  name: 'without-http2',
  resolveId: (id) => (id === 'node:http2' ? '\0no-http2' : null),
  load: (id) => (id === '\0no-http2' ? 'throw new Error("HTTP/2 is not part of this build");' : null),
};

export default defineConfig({
  input: {
    webhook: 'src/cli/webhook.ts',
    'mp-export': 'src/cli/mp-export.ts',
    'verify-cert': 'src/cli/verify-cert-program.ts',
  },
  platform: 'node',
  // libsql carries a compiled library: it stays a dependency, everything else is in the bundle.
  external: ['libsql'],
  plugins: [withoutHttp2],
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    // Small to parse, but names are kept: a stack trace must stay readable.
    minify: { compress: true, mangle: false, codegen: true },
    legalComments: 'inline',
  },
});
