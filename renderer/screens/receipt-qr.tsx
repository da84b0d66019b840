/** The receipt's text as a QR code: plain text, masked, no link. */
import { encode } from 'uqr';
import { Emblem } from '../controls/art.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

/** An SVG path of unit squares, one run per row; undefined where the text is longer than any QR code. */
function qrPath(text: string): { readonly size: number; readonly path: string } | undefined {
  // Version 40 holds 2953 bytes at level L (ISO/IEC 18004, table 7).
  if (new TextEncoder().encode(text).length > 2_953) return undefined;
  const { data, size } = encode(text, { ecc: 'L', border: 3 });
  let path = '';
  data.forEach((row, y) => {
    for (let x = 0; x < size; x += 1) {
      const from = x;
      while (row[x] === true) x += 1;
      if (x > from) path += `M${from} ${y}h${x - from}v1h-${x - from}z`;
    }
  });
  return { size, path };
}

export function ReceiptQr({ screen, view, t, words, act }: ScreenProps<'receipt-qr'>) {
  const qr = qrPath(screen.text);
  const art =
    qr === undefined ? (
      <Emblem icon="qr" />
    ) : (
      <svg
        class="qr"
        viewBox={`0 0 ${qr.size} ${qr.size}`}
        role="img"
        aria-label={t.qr.alt}
        shape-rendering="crispEdges"
      >
        <rect width={qr.size} height={qr.size} fill="#fff" />
        <path d={qr.path} fill="#000" />
      </svg>
    );
  return (
    <div class="page--qr">
      <Page view={view} words={words} act={act} art={art}>
        {qr === undefined ? <p class="notice">{t.qr.failed}</p> : null}
      </Page>
    </div>
  );
}
