/** The words of a language. */
import type { Language } from '../../main/contract.ts';
import { en } from './en.ts';
import { id } from './id.ts';

export type Strings = typeof id;

const CATALOGUE: Readonly<Record<Language, Strings>> = { id, en };

export function stringsOf(language: Language): Strings {
  return CATALOGUE[language];
}

export function otherLanguage(language: Language): Language {
  return language === 'id' ? 'en' : 'id';
}
