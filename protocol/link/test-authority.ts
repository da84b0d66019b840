/** For tests only: a certificate authority of the openssl command, in a folder that the test removes. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostTls } from '../host/tls.ts';
import type { TlsFiles } from './tls.ts';

/** Undefined where the command is missing: the reason to skip. */
export function opensslMissing(): string | undefined {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'the openssl command is not installed';
  }
}

export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export interface TestAuthority {
  /** Path of its certificate. */
  readonly ca: string;
  /** A certificate for a server at 127.0.0.1 and localhost, or for a terminal; `days` may be past. */
  issue(name: string, days?: number): Issued;
  hostTls(issued: Issued): HostTls;
  files(issued: Issued, more?: Partial<TlsFiles>): TlsFiles;
}

const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export function createTestAuthority(folder: string, name: string): TestAuthority {
  const at = (file: string): string => join(folder, `${name}-${file}`);
  const ca = at('ca.pem');
  openssl('req', '-x509', ...CURVE, '-keyout', at('ca.key'), '-out', ca, '-subj', `/CN=${name}`, '-days', '2');
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  return {
    ca,
    issue(subject, days = 2) {
      const issued = { cert: at(`${subject}.pem`), key: at(`${subject}.key`) };
      const request = at(`${subject}.csr`);
      openssl('req', ...CURVE, '-keyout', issued.key, '-out', request, '-subj', `/CN=${subject}`);
      const signing = ['-CA', ca, '-CAkey', at('ca.key'), '-CAcreateserial', '-days', String(days)];
      openssl('x509', '-req', '-in', request, ...signing, '-extfile', at('names'), '-out', issued.cert);
      return issued;
    },
    hostTls: ({ cert, key }) => ({
      cert: readFileSync(cert, 'latin1'),
      key: readFileSync(key, 'latin1'),
      ca: readFileSync(ca, 'latin1'),
    }),
    files: (issued, more = {}) => ({ ca, ...issued, ...more }),
  };
}
