/**
 * TLS 1.3 to the host, with a client certificate. The host's certificate is always verified: against the authority that
 * was named and no other, for the name that was dialled. What is wrong with a certificate is said in words; a key or a
 * certificate itself never is.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, connect, createSecureContext, type TLSSocket } from 'node:tls';
import { fail, ok, type Result } from '../result.ts';
import type { Endpoint } from './connection.ts';

/** Paths of PEM files. */
export interface TlsFiles {
  /** The authority, or several in one file, that the host's certificate must come from. */
  readonly ca: string;
  /** The terminal's certificate, followed by intermediate ones if there are any. */
  readonly cert: string;
  /** Its private key, not encrypted; readable by the terminal's user only. */
  readonly key: string;
  /** The name in the host's certificate. Default: the name or address that is dialled. */
  readonly servername?: string;
}

export interface TlsError {
  readonly code: 'unreadable' | 'not-a-certificate' | 'not-a-key' | 'key-of-another' | 'expired' | 'not-yet-valid';
  /** Which file is at fault. */
  readonly file: 'ca' | 'cert' | 'key';
  /** For a technician; no content of a file. */
  readonly detail: string;
}

export type TlsDial = (endpoint: Endpoint) => TLSSocket;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Reads and checks the files once, for the link's option `dial`. A terminal whose own certificate is out of date (`now` in
 * milliseconds) is told so here, rather than by a host that hangs up.
 */
export function loadTls(files: TlsFiles, now: number): Result<TlsDial, TlsError> {
  const ca = readCertificates('ca', files.ca);
  if (!ca.ok) return ca;
  const cert = readCertificates('cert', files.cert);
  if (!cert.ok) return cert;
  const key = readKey(files.key);
  if (!key.ok) return key;
  const [own] = cert.value.certificates;
  if (own === undefined) throw new Error('a list of certificates is never empty');
  if (!own.checkPrivateKey(key.value.key))
    return fail({ code: 'key-of-another', file: 'key', detail: 'the key is not the one of the certificate' });
  const dates = [...ca.value.certificates.map((one) => ['ca', one] as const), ['cert', own] as const];
  for (const [file, one] of dates) {
    if (one.validToDate.getTime() < now)
      return fail({ code: 'expired', file, detail: `was valid until ${one.validToDate.toISOString()}` });
    if (one.validFromDate.getTime() > now)
      return fail({ code: 'not-yet-valid', file, detail: `is valid from ${one.validFromDate.toISOString()} on` });
  }
  const secureContext = createSecureContext({
    ca: ca.value.pem,
    cert: cert.value.pem,
    key: key.value.pem,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
  });
  return ok(({ host, port }) => {
    const name = files.servername ?? host;
    return connect({
      host,
      port,
      secureContext,
      rejectUnauthorized: true,
      // An address is no server name (RFC 6066 §3); the certificate must have it all the same.
      ...(isIP(name) === 0 ? { servername: name } : {}),
      checkServerIdentity: (_, peer) => checkServerIdentity(name, peer),
    });
  });
}

function read(file: TlsError['file'], path: string): Result<string, TlsError> {
  try {
    return ok(readFileSync(path, 'latin1'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return fail({ code: 'unreadable', file, detail: `${path} cannot be read (${code})` });
  }
}

function readCertificates(
  file: 'ca' | 'cert',
  path: string,
): Result<{ readonly pem: string; readonly certificates: readonly X509Certificate[] }, TlsError> {
  const pem = read(file, path);
  if (!pem.ok) return fail(pem.error);
  const none = (rule: string) => fail<TlsError>({ code: 'not-a-certificate', file, detail: `${path} ${rule}` });
  const blocks = pem.value.match(CERTIFICATE);
  if (blocks === null) return none('has no certificate in PEM form');
  try {
    return ok({ pem: blocks.join('\n'), certificates: blocks.map((block) => new X509Certificate(block)) });
  } catch {
    return none('has a certificate that cannot be decoded');
  }
}

function readKey(path: string): Result<{ readonly pem: string; readonly key: KeyObject }, TlsError> {
  const pem = read('key', path);
  if (!pem.ok) return fail(pem.error);
  try {
    return ok({ pem: pem.value, key: createPrivateKey(pem.value) });
  } catch {
    return fail({ code: 'not-a-key', file: 'key', detail: `${path} has no private key, or an encrypted one` });
  }
}

const UNKNOWN_AUTHORITY = "the host's certificate is not of the authority that was named";

/** Reasons of our own refusal, by the code that Node gives an error (OpenSSL's X509_V_ERR names). */
const REASONS: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: "the host's certificate has expired",
  CERT_NOT_YET_VALID: "the host's certificate is not valid yet",
  CERT_REVOKED: "the host's certificate was revoked",
  INVALID_PURPOSE: "the host's certificate is not for a server",
  ERR_TLS_CERT_ALTNAME_INVALID: "the host's certificate is for another name",
};

/** What the other side, or OpenSSL about the other side, says: the end of the code (its beginning differs by version). */
const ALERTS: readonly (readonly [RegExp, string])[] = [
  [/CERTIFICATE_REQUIRED$/, 'the host wants a certificate of ours'],
  [/ALERT_UNKNOWN_CA$/, 'the host does not know the authority of our certificate'],
  [/ALERT_CERTIFICATE_EXPIRED$/, 'our certificate has expired, says the host'],
  [/ALERT_CERTIFICATE_REVOKED$/, 'our certificate was revoked, says the host'],
  [/ALERT_(BAD|UNSUPPORTED)_CERTIFICATE$|ALERT_CERTIFICATE_UNKNOWN$/, 'the host refuses our certificate'],
  [/ALERT_ACCESS_DENIED$/, 'the host denies access to our certificate'],
  [/ALERT_PROTOCOL_VERSION$|UNSUPPORTED_PROTOCOL$/, 'the host does not speak TLS 1.3'],
  [/WRONG_VERSION_NUMBER$|PACKET_LENGTH_TOO_LONG$/, 'the host does not speak TLS'],
];

/** A socket's error in words, with its code; anything that is not about TLS is its code alone. */
export function explainSocketError(error: NodeJS.ErrnoException): string {
  const code = error.code ?? error.name;
  const reason = Object.hasOwn(REASONS, code) ? REASONS[code] : ALERTS.find(([pattern]) => pattern.test(code))?.[1];
  return reason === undefined ? code : `${reason} (${code})`;
}
