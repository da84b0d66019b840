/** Icons of lucide (ISC), by what they mean here; always beside a word, so hidden from assistive technology. */
import alert from 'lucide-static/icons/triangle-alert.svg?raw';
import arrow from 'lucide-static/icons/arrow-right.svg?raw';
import bank from 'lucide-static/icons/building-2.svg?raw';
import calendar from 'lucide-static/icons/calendar-x.svg?raw';
import card from 'lucide-static/icons/credit-card.svg?raw';
import check from 'lucide-static/icons/check.svg?raw';
import clock from 'lucide-static/icons/clock.svg?raw';
import close from 'lucide-static/icons/x.svg?raw';
import eye from 'lucide-static/icons/eye.svg?raw';
import info from 'lucide-static/icons/info.svg?raw';
import language from 'lucide-static/icons/languages.svg?raw';
import list from 'lucide-static/icons/list.svg?raw';
import lock from 'lucide-static/icons/lock.svg?raw';
import pause from 'lucide-static/icons/circle-pause.svg?raw';
import phone from 'lucide-static/icons/phone.svg?raw';
import printer from 'lucide-static/icons/printer.svg?raw';
import qr from 'lucide-static/icons/qr-code.svg?raw';
import retry from 'lucide-static/icons/rotate-ccw.svg?raw';
import shield from 'lucide-static/icons/shield-check.svg?raw';
import stopped from 'lucide-static/icons/shield-alert.svg?raw';
import ticket from 'lucide-static/icons/ticket.svg?raw';
import unlinked from 'lucide-static/icons/link-2-off.svg?raw';
import unplugged from 'lucide-static/icons/unplug.svg?raw';
import wallet from 'lucide-static/icons/wallet.svg?raw';
import wrench from 'lucide-static/icons/wrench.svg?raw';

const ICONS = {
  alert,
  arrow,
  bank,
  calendar,
  card,
  check,
  clock,
  close,
  eye,
  info,
  language,
  list,
  lock,
  pause,
  phone,
  printer,
  qr,
  retry,
  shield,
  stopped,
  ticket,
  unlinked,
  unplugged,
  wallet,
  wrench,
} as const;

export type IconName = keyof typeof ICONS;

export function Icon({ name }: { readonly name: IconName }) {
  return <span class="icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: ICONS[name] }} />;
}
