/**
 * Every word a customer reads, in Bahasa Indonesia: the catalogue's own shape. Short, spoken sentences; "Anda"; no blame;
 * no abbreviation unexplained; no error numbers. English (en.ts) must have the same keys.
 */
import type {
  CardProblem,
  MembershipStatus,
  OutOfServiceReason,
  PaperKind,
  Program,
  ReceiptFault,
  RetainWhy,
  Segment,
  SorryCause,
  TakeCardWhy,
} from '../../main/contract.ts';

interface Words {
  readonly title: string;
  readonly lines: readonly string[];
}

const outOfService: Record<OutOfServiceReason, Words> = {
  starting: {
    title: 'Sebentar lagi siap',
    lines: ['Anjungan sedang disiapkan. Layar ini berganti sendiri begitu siap.'],
  },
  host: {
    title: 'Sambungan ke bank sedang terputus',
    lines: ['Kami terus mencoba menyambung. Layar ini berganti sendiri begitu tersambung kembali.'],
  },
  'card-reader': {
    title: 'Belum bisa melayani',
    lines: ['Pembaca kartu sedang terganggu. Mohon jangan memasukkan kartu.'],
  },
  'pin-pad': { title: 'Belum bisa melayani', lines: ['Papan PIN sedang terganggu. Mohon jangan memasukkan kartu.'] },
  tampered: {
    title: 'Dihentikan demi keamanan',
    lines: ['Mesin ini perlu diperiksa petugas. Mohon jangan memasukkan kartu atau mengetik PIN.'],
  },
  'card-stuck': {
    title: 'Belum bisa melayani',
    lines: ['Pembaca kartu perlu diperiksa petugas. Mohon jangan memasukkan kartu.'],
  },
  storage: {
    title: 'Belum bisa melayani',
    lines: ['Mesin ini perlu diperiksa petugas. Mohon jangan memasukkan kartu.'],
  },
  stopping: { title: 'Anjungan sedang dimatikan', lines: ['Mohon jangan memasukkan kartu.'] },
  fault: { title: 'Belum bisa melayani', lines: ['Mesin ini sedang terganggu. Mohon jangan memasukkan kartu.'] },
};

const cardProblem: Record<CardProblem, Words> = {
  stripe: {
    title: 'Kartu belum terbaca',
    lines: ['Ambil kartu Anda, lap pita hitamnya dengan kain kering, lalu masukkan lagi.'],
  },
  'wrong-way': {
    title: 'Kartu terbalik',
    lines: ['Ambil kartu Anda dan balik. Chip menghadap ke atas dan masuk lebih dulu.'],
  },
  'not-accepted': {
    title: 'Kartu ini belum bisa dipakai di sini',
    lines: ['Ambil kartu Anda. Silakan pakai kartu debit yang lain.'],
  },
  invalid: {
    title: 'Isi kartu tidak terbaca lengkap',
    lines: ['Ambil kartu Anda, lalu masukkan sekali lagi. Bila tetap begini, tanyakan ke bank penerbit kartu.'],
  },
  'pulled-out': {
    title: 'Kartu keluar sebelum selesai',
    lines: ['Bila ingin mencoba lagi, masukkan sampai kartu ditarik masuk sendiri, lalu lepaskan.'],
  },
};

const takeCard: Record<TakeCardWhy, string> = {
  finished: 'Layanan selesai. Jangan lupa kartu Anda.',
  cancelled: 'Layanan dibatalkan. Ini kartu Anda.',
  'timed-out': 'Waktu tunggu habis, jadi layanan kami tutup demi keamanan Anda.',
  'pin-timed-out': 'PIN belum diketik sampai waktunya habis. Anda boleh mulai lagi kapan saja.',
  refused: 'Kartu Anda kami kembalikan.',
  fault: 'Ada gangguan, jadi kartu Anda kami kembalikan.',
};

const retained: Record<RetainWhy, string> = {
  host: 'Bank penerbit kartu meminta kartu ini ditahan.',
  'pin-tries': 'PIN sudah tiga kali belum sesuai. Demi keamanan Anda, kartu ditahan.',
  'not-taken': 'Kartu belum diambil sampai waktunya habis, jadi kami simpan supaya tidak diambil orang lain.',
};

const printing: Record<PaperKind, string> = { receipt: 'Mencetak struk Anda', ticket: 'Mencetak nomor antrean Anda' };
const takePaper: Record<PaperKind, Words> = {
  receipt: { title: 'Ambil struk Anda', lines: ['Simpan struk ini. Jangan berikan PIN atau OTP kepada siapa pun.'] },
  ticket: { title: 'Ambil nomor antrean Anda', lines: ['Tunggu sampai nomor Anda dipanggil petugas.'] },
};
const paperFailed: Record<PaperKind, { readonly nothing: string; readonly part: string }> = {
  receipt: { nothing: 'Struk tidak bisa dicetak', part: 'Struk hanya tercetak sebagian' },
  ticket: { nothing: 'Nomor antrean tidak bisa dicetak', part: 'Nomor antrean hanya tercetak sebagian' },
};
const paperFault: Record<ReceiptFault, string> = {
  'paper-out': 'Kertas struk habis.',
  'cover-open': 'Penutup pencetak sedang terbuka.',
  jam: 'Kertas tersangkut di pencetak.',
  cutter: 'Pemotong kertas sedang terganggu.',
  offline: 'Pencetak sedang tidak tersambung.',
  unknown: 'Pencetak sedang terganggu.',
};

const sorry: Record<SorryCause, Words> = {
  'host-unavailable': {
    title: 'Bank belum bisa dihubungi',
    lines: ['Sambungan ke bank sedang terputus.', 'Silakan coba lagi sekitar 15 menit lagi.'],
  },
  'host-silent': {
    title: 'Bank belum menjawab',
    lines: ['Kami sudah bertanya, tetapi jawabannya belum datang.', 'Silakan coba lagi sekitar 15 menit lagi.'],
  },
  'system-error': {
    title: 'Sistem sedang terganggu',
    lines: ['Permintaan Anda belum bisa diselesaikan.', 'Silakan coba lagi nanti, atau hubungi kami.'],
  },
  'card-expired': {
    title: 'Masa berlaku kartu sudah habis',
    lines: ['Mintalah kartu baru di bank penerbit kartu Anda, lalu coba lagi di sini.'],
  },
  'card-refused': {
    title: 'Bank belum mengizinkan kartu ini',
    lines: ['Tanyakan ke bank penerbit kartu Anda, atau coba lagi dengan kartu debit lain.'],
  },
  'pin-tries': {
    title: 'Batas percobaan PIN tercapai',
    lines: ['Demi keamanan Anda, kartu ini belum bisa dipakai lagi. Hubungi bank penerbit kartu Anda.'],
  },
  device: {
    title: 'Mesin ini sedang terganggu',
    lines: ['Permintaan Anda belum bisa diselesaikan di sini.', 'Silakan pakai mesin lain, atau hubungi kami.'],
  },
  'cancelled-by-host-loss': {
    title: 'Sambungan ke bank terputus',
    lines: ['Permintaan Anda terhenti di tengah jalan.', 'Silakan coba lagi sekitar 15 menit lagi.'],
  },
};

const statuses: Record<MembershipStatus, string> = { active: 'Aktif', inactive: 'Nonaktif', claimed: 'Sudah diklaim' };
const segments: Record<Segment, string> = {
  PU: 'Penerima Upah',
  BPU: 'Bukan Penerima Upah',
  JK: 'Jasa Konstruksi',
  PMI: 'Pekerja Migran Indonesia',
};
const programs: Record<Program, { readonly name: string; readonly meaning: string }> = {
  JHT: { name: 'Jaminan Hari Tua (JHT)', meaning: 'Tabungan untuk hari tua.' },
  JKK: { name: 'Jaminan Kecelakaan Kerja (JKK)', meaning: 'Perawatan dan santunan bila terjadi kecelakaan kerja.' },
  JKM: { name: 'Jaminan Kematian (JKM)', meaning: 'Santunan untuk keluarga bila peserta meninggal dunia.' },
  JP: { name: 'Jaminan Pensiun (JP)', meaning: 'Penghasilan bulanan setelah usia pensiun.' },
  JKP: { name: 'Jaminan Kehilangan Pekerjaan (JKP)', meaning: 'Uang tunai dan pelatihan bila kehilangan pekerjaan.' },
};

export const id = {
  ownName: 'Bahasa Indonesia',
  months: [
    'Januari',
    'Februari',
    'Maret',
    'April',
    'Mei',
    'Juni',
    'Juli',
    'Agustus',
    'September',
    'Oktober',
    'November',
    'Desember',
  ] as readonly string[],
  frame: {
    brand: 'Anjungan JHT',
    sample: 'CONTOH',
    sampleLong: 'CONTOH: bukan data sesungguhnya',
    terminal: (terminal: string) => `Terminal ${terminal}`,
    help: (number: string) => `Butuh bantuan? Hubungi ${number}`,
    hours: 'Setiap hari, 06.00–22.00 WIB',
    language: 'Ganti bahasa ke',
  },
  moment: 'Sebentar…',
  seconds: 'detik',
  outOfService,
  outOfServiceInstead: (number: string) => `Cek saldo tetap bisa lewat aplikasi JMO, atau hubungi ${number}.`,
  outOfServiceCard: (number: string) =>
    `Ada kartu di dalam mesin. Bila itu kartu Anda, hubungi bank penerbit kartu, atau ${number} bila perlu bantuan.`,
  idle: {
    title: 'Cek saldo JHT Anda di sini',
    line: 'Masukkan kartu debit untuk melihat saldo Jaminan Hari Tua (JHT).',
    turnTitle: 'Balik kartu Anda',
    turnLine: 'Kartu belum bisa masuk. Coba balik, lalu masukkan lagi.',
    how: 'Chip menghadap ke atas dan masuk lebih dulu.',
    steps: ['Masukkan kartu', 'Ketik PIN', 'Lihat saldo'] as readonly string[],
    noPaper: 'Struk kertas sedang tidak ada. Saldo tetap bisa dilihat di layar.',
  },
  cardEntering: { title: 'Membaca kartu Anda', line: 'Sebentar, jangan tarik kartunya.' },
  cardProblem,
  pin: {
    title: 'Ketik PIN Anda',
    where: 'Pakai papan PIN di bawah layar, bukan layar ini.',
    cover: 'Tutupi dengan tangan Anda yang lain.',
    enter: 'Bila sudah selesai, tekan Enter (hijau). Salah ketik? Tekan Clear (kuning).',
    typed: (digits: number) => (digits === 0 ? 'Belum ada angka' : `${digits} angka sudah diketik`),
    tooShort: (least: number) => `PIN paling sedikit ${least} angka. Silakan ketik lagi.`,
  },
  pinWrong: {
    title: 'PIN belum sesuai',
    line: 'Tenang, kartu Anda aman. Silakan coba sekali lagi.',
    lastTitle: 'Tinggal satu kesempatan lagi',
    lastLine: 'Bila PIN belum sesuai lagi, bank akan memblokir kartu ini. Bila ragu, ambil dulu kartu Anda.',
  },
  menu: {
    title: 'Apa yang ingin Anda lakukan?',
    line: 'Pilih satu layanan.',
    purpose: 'Data kartu dan kepesertaan Anda dipakai hanya untuk menampilkan saldo ini, lalu dihapus dari mesin.',
  },
  asking: {
    title: 'Mengambil saldo Anda',
    sent: 'Mohon tunggu sebentar.',
    working: 'Kami sedang bertanya ke bank dan BPJS Ketenagakerjaan.',
    stillWorking: 'Masih kami usahakan. Jaringan sedang lambat, mohon tunggu sedikit lagi.',
  },
  choose: {
    title: 'Kepesertaan mana yang ingin dilihat?',
    line: (count: number) => `Anda punya ${count} nomor kepesertaan. Saldo disimpan untuk setiap nomor.`,
    more: (number: string) => `Masih ada nomor lain. Lihat di aplikasi JMO, atau tanyakan ke ${number}.`,
    last: (month: string) => `Iuran terakhir ${month}`,
    noJht: 'Tanpa program JHT',
  },
  statuses,
  segments,
  programs,
  result: {
    title: 'Saldo Jaminan Hari Tua (JHT)',
    asOf: (date: string) => `per ${date}`,
    asOfUnknown: 'Tanggal data belum diberitahukan',
    contributions: 'Total iuran',
    development: 'Hasil pengembangan',
    status: 'Status kepesertaan',
    name: 'Nama',
    kpj: 'Nomor kepesertaan (KPJ)',
    employer: 'Perusahaan atau wadah',
    segment: 'Jenis kepesertaan',
    last: 'Iuran terakhir',
    lastPayment: 'Dibayar pada',
    programs: 'Program yang diikuti',
    inactive: 'Kepesertaan ini nonaktif karena iurannya berhenti. Saldo JHT Anda tetap aman dan tetap dikembangkan.',
    claimed: 'Kepesertaan ini tercatat sudah diklaim. Angka di atas adalah saldo yang masih ada.',
    show: 'Tekan dan tahan untuk tampilkan',
    shown: 'Lepas untuk samarkan',
  },
  noJht: {
    title: 'Kepesertaan ini tidak mengikuti program JHT',
    line: 'Jadi tidak ada saldo JHT pada nomor ini. Perlindungan Anda yang lain tetap tercatat:',
    employed: 'Ingin ikut JHT? Tanyakan ke bagian SDM tempat Anda bekerja.',
    own: 'Ingin ikut JHT? Daftar lewat aplikasi JMO atau kantor BPJS Ketenagakerjaan.',
    inactive: 'Kepesertaan ini nonaktif karena iurannya berhenti.',
    claimed: 'Kepesertaan ini tercatat sudah diklaim.',
  },
  notLinked: {
    title: 'Kartu ini belum terhubung ke kepesertaan',
    line: 'Bukan berarti saldo Anda hilang. Kartu ini hanya belum didaftarkan pada nomor BPJS Ketenagakerjaan.',
    how: (number: string) => `Bawa KTP dan kartu peserta ke kantor BPJS Ketenagakerjaan, atau hubungi ${number}.`,
  },
  receipt: {
    title: 'Perlu bukti cek saldo?',
    line: 'Nama dan nomor Anda disamarkan. Struk dicetak setelah kartu diambil.',
    unavailable: 'Struk kertas sedang tidak ada. Anda masih bisa menyimpannya dengan kode QR.',
  },
  qr: {
    title: 'Pindai dengan ponsel Anda',
    line: 'Arahkan kamera ke kode ini. Isinya teks bukti cek saldo, tanpa tautan.',
    alt: 'Kode QR berisi teks bukti cek saldo',
    failed: 'Kode QR tidak bisa ditampilkan. Silakan lanjut.',
  },
  somethingElse: { title: 'Ada lagi yang bisa kami bantu?', line: 'Kartu Anda masih di dalam mesin.' },
  takeCard: {
    title: 'Ambil kartu Anda',
    why: takeCard,
    receiptFollows: 'Struk Anda dicetak setelah kartu diambil.',
    keptSoon: 'Segera ambil, supaya kartu tidak disimpan mesin.',
  },
  retained: {
    title: 'Kartu Anda disimpan mesin',
    why: retained,
    call: 'Hubungi bank penerbit kartu Anda dan sebutkan nomor ini.',
    reference: 'Nomor rujukan',
    slip: {
      printed: 'Ambil juga kertas berisi nomor ini.',
      printing: 'Kertas berisi nomor ini sedang dicetak.',
      failed: 'Kertasnya tidak bisa dicetak. Mohon catat atau foto nomor ini.',
    },
  },
  printing: { titles: printing, line: 'Sebentar, kertasnya segera keluar.' },
  takePaper,
  paperFailed: {
    titles: paperFailed,
    faults: paperFault,
    safe: 'Saldo Anda tidak berubah.',
    ticket: 'Silakan langsung temui petugas.',
    qr: 'Anda masih bisa menyimpan buktinya dengan kode QR.',
  },
  goodbye: {
    title: 'Terima kasih',
    line: 'Pastikan kartu dan barang Anda tidak tertinggal.',
    left: 'Data Anda sudah dihapus dari layar ini.',
  },
  sorry: {
    causes: sorry,
    safe: 'Saldo JHT Anda aman.',
    call: (number: string) => `Butuh bantuan? Hubungi ${number} dan sebutkan nomor ini.`,
    reference: 'Nomor rujukan',
  },
  warning: {
    title: 'Anda masih di sini?',
    line: 'Bila tidak ada sentuhan, layanan kami tutup demi keamanan Anda.',
    stay: 'Saya masih di sini',
  },
  choices: {
    checkBalance: 'Cek Saldo BPJS Ketenagakerjaan',
    cancel: 'Batal',
    cancelTakeCard: 'Batal dan ambil kartu',
    retry: 'Coba lagi',
    continue: 'Lanjut',
    another: 'Lihat kepesertaan lain',
    paper: 'Struk kertas',
    qr: 'Kode QR di layar',
    none: 'Tidak perlu',
    anotherService: 'Ya, layanan lain',
    finish: 'Selesai',
    noThanks: 'Tidak, ambil kartu',
    takeCard: 'Selesai, ambil kartu',
    ticket: 'Ambil nomor antrean',
    understood: 'Saya mengerti',
    taken: 'Sudah saya ambil',
  },
};
