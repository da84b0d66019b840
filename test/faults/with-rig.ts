/** Runs one fault on a fresh terminal, and checks after it what every end must leave behind. */
import { startRig, type Rig, type RigOptions } from '../rig.ts';

export async function withRig(options: RigOptions, story: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = await startRig(options);
  try {
    if (options.cold !== true) await rig.until(() => rig.reader.state().accepting);
    await story(rig);
    rig.expectClean();
  } finally {
    await rig.close();
  }
}
