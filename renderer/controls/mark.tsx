/** Our own mark: a pavilion (anjungan) that shelters a coin. */
export function Mark({ class: className }: { readonly class: string }) {
  return (
    <svg class={className} viewBox="0 0 48 48" aria-hidden="true">
      <rect width="48" height="48" rx="13" fill="#fff" />
      <path
        d="M8 23 24 9l16 14"
        fill="none"
        stroke="#0d5040"
        stroke-width="4.4"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
      <path d="M13 26v12M35 26v12" fill="none" stroke="#0d5040" stroke-width="4.4" stroke-linecap="round" />
      <circle cx="24" cy="31" r="6.6" fill="#f4b544" />
    </svg>
  );
}
