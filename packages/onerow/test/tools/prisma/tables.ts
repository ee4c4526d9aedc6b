/** The tables of the test schemas, as Prisma's migrations make them. */
export const tables = {
  postgresql: [
    `create type document_type as enum ('AADHAAR_CARD', 'pan card', 'SALARY_SLIP')`,
    'create table user_account (id serial primary key, email text not null, name text not null)',
    'create unique index user_account_email_key on user_account (email)',
    `create table document (
      id bigserial primary key, user_id integer not null references user_account, document_type document_type not null,
      file text not null default 'https://example.com/{none}.pdf', page integer, deleted_at timestamp(3),
      created_at timestamp(3) not null default current_timestamp, updated_at timestamp(3) not null)`,
    'create unique index document_of_user on document (user_id, document_type) where deleted_at is null',
    'create unique index document_user_id_file_key on document (user_id, file)',
    'create unique index odd_page on document (user_id, page) where page % 2 = 1',
    `create unique index scanned_pan_card on document (user_id, document_type, page)
      where document_type = 'pan card' and page is not null`,
    'create schema archive',
    `create table archive."Made" (
      key text primary key, cuid text not null, cuid2 text not null, uuid uuid not null, uuid7 uuid not null, ulid text not null,
      nanoid text not null, nanoid9 text not null, now timestamp(3) not null, updated timestamp(3) not null,
      state text not null, type document_type not null, open boolean not null, count integer not null,
      ratio double precision not null, big bigint not null, since timestamp(3) not null, tags text[] not null,
      types document_type[] not null, price decimal(65,30) not null default 1.50, info jsonb not null default '{"a": 1}')`,
  ],
  mysql: [
    'create table user_account (id int auto_increment primary key, email varchar(191) not null, name varchar(191) not null)',
    'create unique index user_account_email_key on user_account (email)',
    `create table document (
      user_id int not null, document_type enum ('AADHAAR_CARD', 'pan card') not null, file varchar(191) not null,
      updated_at datetime(3) not null, primary key (user_id, document_type))`,
  ],
  sqlite: [
    'create table user_account (id integer primary key autoincrement, email text not null, name text not null)',
    'create unique index user_account_email_key on user_account (email)',
    `create table document (
      id text not null primary key, user_id integer not null, document_type text not null, is_current boolean not null default true,
      file text not null, updated_at datetime not null)`,
    'create unique index document_user_id_document_type_key on document (user_id, document_type) where is_current = 1',
  ],
} as const
