/** An amount of money in figures as large as its place allows, however many digits it has. */
import { formatMoney } from '../format.ts';

export function Amount({ sen }: { readonly sen: number }) {
  const text = formatMoney(sen);
  return (
    <div class="amount">
      <span class="amount__figure" style={{ '--chars': String(text.length) }}>
        {text}
      </span>
    </div>
  );
}
