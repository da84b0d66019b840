/** How personal data is shown by default: enough to recognise one's own, too little for whoever looks over a shoulder. */

/** `******1234`; a number too short to mask is hidden whole. */
export function maskCard(pan: string): string {
  return /^\d{8,19}$/.test(pan) ? `******${pan.slice(-4)}` : '******';
}

/** 11 digits: `1900•••••12`; anything else is hidden whole. */
export function maskKpj(kpj: string): string {
  return /^\d{11}$/.test(kpj) ? `${kpj.slice(0, 4)}•••••${kpj.slice(-2)}` : '•••••••••••';
}

/** The first letter of each word: `Siti Rahayu` is `S••• R•••••`. */
export function maskName(name: string): string {
  return name
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0) + '•'.repeat(word.length - 1))
    .join(' ');
}
