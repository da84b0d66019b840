/** The number by which the bank or the call centre finds what happened. */
export function Reference({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <p class="reference">
      <span>
        {label}
        <span class="unseen">: </span>
      </span>
      <strong>{value}</strong>
    </p>
  );
}
