/** What the workbench's own words are for; one file a language, each checked against this type. */
import type {
  CardFlaw,
  CardReaderSimulatorState,
  HostBehaviour,
  Language,
  PadKey,
  PaperState,
} from '../../main/contract.ts';
import type { Line } from './connection.ts';
import { en } from './strings-en.ts';
import { id } from './strings-id.ts';
import type { ListedCode } from './verbs.ts';

export interface Strings {
  readonly title: string;
  readonly simulation: string;
  readonly language: string;
  readonly line: Readonly<Record<Line, string>>;
  readonly noToken: string;
  readonly waiting: string;
  readonly close: string;
  readonly refused: string;
  readonly notSent: string;
  readonly plugged: string;
  readonly unplugged: string;
  readonly plug: string;
  readonly unplug: string;
  readonly kiosk: { readonly name: string; readonly elsewhere: string; readonly elsewhereHint: string };
  readonly reader: {
    readonly name: string;
    readonly place: Readonly<Record<Exclude<CardReaderSimulatorState['place'], 'none'>, string>>;
    readonly accepting: string;
    readonly shut: string;
    readonly jammed: string;
    readonly insert: string;
    readonly take: string;
    readonly pullOut: string;
    readonly jam: string;
    readonly clearJam: string;
    readonly bin: string;
    readonly emptyBin: string;
    readonly unknownCard: string;
    readonly flaws: string;
    readonly flaw: Readonly<Record<CardFlaw, string>>;
  };
  readonly tray: { readonly name: string; readonly hint: string; readonly debit: string };
  readonly pad: {
    readonly name: string;
    readonly keyboard: string;
    readonly key: Readonly<Record<Exclude<PadKey, '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9'>, string>>;
    readonly digit: string;
    readonly entering: string;
    readonly idle: string;
    readonly tampered: string;
    readonly digits: (count: number) => string;
    readonly keys: string;
    readonly noKeys: string;
    readonly tamper: string;
    readonly repair: string;
    readonly pin: string;
  };
  readonly printer: {
    readonly name: string;
    readonly paperOutlet: string;
    readonly paper: Readonly<Record<PaperState['paper'], string>>;
    readonly paperSet: Readonly<Record<PaperState['paper'], string>>;
    readonly paperGroup: string;
    readonly tear: string;
    readonly openCover: string;
    readonly closeCover: string;
    readonly coverOpen: string;
    readonly jam: string;
    readonly clearJam: string;
    readonly jammed: string;
    readonly printing: string;
    readonly hanging: string;
    readonly empty: string;
    readonly unprintable: string;
    readonly qr: string;
  };
  readonly host: {
    readonly name: string;
    readonly running: string;
    readonly stopped: string;
    readonly connections: (count: number) => string;
    readonly delay: string;
    readonly seconds: (value: number) => string;
    readonly behaviour: string;
    readonly behaves: Readonly<Record<HostBehaviour, string>>;
    readonly answer: string;
    readonly asMember: string;
    readonly other: string;
    readonly otherCode: string;
    readonly use: string;
    readonly badCode: string;
    readonly code: Readonly<Record<ListedCode, string>>;
  };
  readonly log: {
    readonly name: string;
    readonly empty: string;
    readonly source: Readonly<Record<'reader' | 'pad' | 'printer' | 'host', string>>;
  };
  /** Why it could not be done, by the server's own words; others are shown as they come. */
  readonly reason: Readonly<Record<string, string>>;
  /** What was tried, by the verb's name. */
  readonly verb: Readonly<Record<string, string>>;
}

export const STRINGS: Readonly<Record<Language, Strings>> = { id, en };
