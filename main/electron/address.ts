/**
 * The kiosk page's address. A scheme of our own, not file:, so that the page has an origin, and a content security policy
 * arrives as a header; and nothing on the machine is reachable from it but the files the shell hands out.
 */

export const scheme = 'anjungan';
const host = 'app';
export const startPage = `${scheme}://${host}/index.html`;

/**
 * The path of one of our own addresses, undefined for anybody else's. Protocol and host are compared, not `origin`: for a
 * scheme Node does not know that is the string 'null', the same for every such address.
 */
export function ownPath(address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null || url.protocol !== `${scheme}:` || url.host !== host) return undefined;
  return url.username === '' && url.password === '' ? url.pathname : undefined;
}

/** Nothing else is ever shown in the window. */
export function isStartPage(address: string): boolean {
  return ownPath(address) === '/index.html';
}
