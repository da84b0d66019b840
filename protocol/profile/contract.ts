/** A balance inquiry in the terminal's words; what it looks like on the wire is the profile's business. */

export type MembershipStatus = 'active' | 'inactive' | 'claimed';
export type Segment = 'PU' | 'BPU' | 'JK' | 'PMI';
export type Program = 'JHT' | 'JKK' | 'JKM' | 'JP' | 'JKP';

export interface InquiryRequest {
  readonly product: 'JHTBAL';
  readonly language: 'id' | 'en';
  /** Track 2 between the sentinels, `=` as separator. Sensitive. */
  readonly track2: string;
  /** Upper-case hex: 16 digits, 32 of format 4. Sensitive. */
  readonly pinBlock: string;
  /** With DUKPT: the serial number of the key, upper-case hex. */
  readonly ksn?: string;
  readonly entry: 'stripe' | 'chip';
  /** KPJ, when the member has chosen one of several. */
  readonly kpj?: string;
  /** Next page of memberships. */
  readonly page?: string;
}

export interface Membership {
  /** 11 digits. */
  readonly kpj: string;
  readonly name: string;
  readonly employer: string;
  readonly segment: Segment;
  readonly status: MembershipStatus;
  readonly programs: readonly Program[];
  /** Sen (1/100 rupiah), signed; absent when the member is not in JHT. */
  readonly balance?: number;
  readonly contributions?: number;
  readonly development?: number;
  /** YYYYMM */
  readonly lastContribution?: string;
  /** YYYYMMDD */
  readonly lastPayment?: string;
}

/** What a response code means; the table that says so is the profile's. */
export type Meaning =
  | 'approved'
  | 'pin-wrong'
  | 'pin-tries'
  | 'pin-tries-retain'
  | 'card-expired'
  | 'retain'
  | 'card-refused'
  | 'not-linked'
  | 'host-unavailable'
  | 'system-error';

export interface InquiryReply {
  /** DE39 as it came. */
  readonly responseCode: string;
  /** Unknown codes mean `host-unavailable`. */
  readonly meaning: Meaning;
  readonly known: boolean;
  readonly rrn: string;
  readonly memberships: readonly Membership[];
  /** YYYYMMDD */
  readonly asOf?: string;
  /** `PG`: there are more memberships than this reply holds. */
  readonly nextPage?: string;
  /** Text that the host wants seen and printed, where its profile has such lines. */
  readonly lines?: HostLines;
}

export interface HostLines {
  readonly screen: readonly string[];
  readonly receipt: readonly string[];
}

/** Why a reply that was approved cannot be shown: which tag breaks which rule, never what it held. */
export interface InquiryReplyError {
  readonly code: 'malformed-reply';
  /** e.g. `48.MB[2].BL` */
  readonly path: string;
  readonly rule: string;
}
