/** The configuration's rules between settings, which no single setting can break. */
import { createMessage } from '../protocol/iso8583/message.ts';
import { padded } from '../protocol/profile/elements.ts';
import { loadProfile, type HostProfile } from '../protocol/profile/profile.ts';
import type { Config, ConfigMistake } from './config.ts';

/** Looks only at settings that are `sound` by themselves: another mistake may have left the rest of `config` out of shape. */
export type CrossRule = (config: Config, sound: (...paths: readonly string[]) => boolean) => readonly ConfigMistake[];

type Compared = readonly [path: string, other: string, rule: string, broken: (config: Config) => boolean];

const COMPARED: readonly Compared[] = [
  ['delays.takeCardCalm', 'delays.takeCard', 'must be shorter than', ({ delays: d }) => d.takeCardCalm >= d.takeCard],
  [
    'delays.progressShown',
    'delays.stillWorking',
    'must be shorter than',
    ({ delays: d }) => d.progressShown >= d.stillWorking,
  ],
  [
    'workbench.port',
    'browser.port',
    'must differ from',
    ({ workbench: w, browser: b }) => w.port !== 0 && w.port === b.port,
  ],
  [
    'devices.pinPad.pinKey',
    'devices.pinPad.masterKey',
    'must differ from',
    ({ devices: { pinPad: p } }) => p.pinKey === p.masterKey,
  ],
  [
    'devices.pinPad.macKey',
    'devices.pinPad.masterKey',
    'must differ from',
    ({ devices: { pinPad: p } }) => p.macKey === p.masterKey,
  ],
  [
    'devices.pinPad.macKey',
    'devices.pinPad.pinKey',
    'must differ from',
    ({ devices: { pinPad: p } }) => p.macKey === p.pinKey,
  ],
  // The simulated host speaks plain TCP.
  ['host.tls', 'host.endpoints', 'needs', ({ host }) => host.tls !== undefined && host.endpoints.length === 0],
];

/** Two settings of which one bounds the other. */
const comparison =
  ([path, other, rule, broken]: Compared): CrossRule =>
  (config, sound) =>
    sound(path, other) && broken(config) ? [{ path, rule: `${rule} ${other}` }] : [];

/** Each device has a line of its own. */
const lineOfItsOwn: CrossRule = (config, sound) => {
  const named = (['cardReader', 'pinPad', 'receiptPrinter'] as const)
    .filter((name) => sound(`devices.${name}.line`))
    .flatMap((name) => {
      const given = config.devices[name].line;
      if (given === undefined) return [];
      const [at, where] = given.kind === 'serial' ? ['path', given.path] : ['port', `${given.host}:${given.port}`];
      return [{ name, at, where }];
    });
  return named.flatMap(({ name, at, where }, index) => {
    const earlier = named.slice(0, index).find((other) => other.where === where);
    return earlier === undefined
      ? []
      : [{ path: `devices.${name}.line.${at}`, rule: `is the line of devices.${earlier.name} already` }];
  });
};

const IDENTITY = [
  ['id', 41, padded],
  ['acceptorId', 42, padded],
  ['acceptorName', 43, padded],
  ['acquirerId', 32, (_profile: HostProfile, _element: number, value: string) => value],
] as const;

/** The host's messages can hold what the terminal says about itself: found now, not at the first customer. */
const profileFits: CrossRule = (config, sound) => {
  if (!sound('host.profile')) return [];
  const loaded = loadProfile(config.host.profile);
  if (!loaded.ok) {
    return loaded.error.map(({ path, rule }) => ({
      path: 'host.profile',
      rule: path === '' ? rule : `${path}: ${rule}`,
    }));
  }
  const profile = loaded.value;
  return IDENTITY.flatMap(([name, element, filled]) => {
    const path = `terminal.${name}`;
    if (!sound(path)) return [];
    const packed = profile.codec.pack(
      createMessage(profile.inquiry.mti, { [element]: filled(profile, element, config.terminal[name]) }),
    );
    return packed.ok
      ? []
      : [{ path, rule: `does not fit ${packed.error.path} of the host profile: ${packed.error.expected}` }];
  });
};

/** What the PIN pads driven here can do of what a profile may ask: found now, not as a system error to each customer. */
const padCan: CrossRule = (config, sound) => {
  if (!sound('host.profile')) return [];
  const loaded = loadProfile(config.host.profile);
  if (!loaded.ok) return [];
  const { mac, pin, keying } = loaded.value;
  const asked = [
    ['MAC', mac.kind === 'none' || mac.choice.algorithm === 'x9.19'],
    ['PIN block format', pin.format === 'iso-0'],
    ['way to keys', keying.kind === 'session-keys'],
  ] as const;
  return asked.flatMap(([what, can]) =>
    can ? [] : [{ path: 'host.profile', rule: `asks for a ${what} that the PIN pad has not` }],
  );
};

export const CROSS_RULES: readonly CrossRule[] = [...COMPARED.map(comparison), lineOfItsOwn, profileFits, padCan];
