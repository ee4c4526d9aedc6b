import { keySql, type Dialect } from 'onerow'

import { identityCard, userName } from './keys.ts'

/** The steps from an empty database to today's schema. A step that has been released is never changed: add another. */
export function migrations(dialect: Dialect): readonly string[] {
  return [
    `
create table documents.users (
  id integer generated always as identity primary key,
  name text not null check (name <> ''),
  created_at timestamptz not null default now()
);
${keySql(userName, dialect)}

create table documents.file (
  sha256 text constraint file_pkey primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  media_type text not null check (media_type in ('application/pdf', 'image/jpeg', 'image/png')),
  size integer not null check (size > 0)
);

create table documents.file_content (
  sha256 text primary key references documents.file on delete cascade,
  bytes bytea not null
);
-- The content is compressed already.
alter table documents.file_content alter column bytes set storage external;

create table documents.document (
  id integer generated always as identity primary key,
  user_id integer not null references documents.users,
  document_type text not null
    check (document_type in ('AADHAAR_CARD', 'PAN_CARD', 'SALARY_SLIP', 'TAX_RETURN')),
  file_name text not null,
  file_sha256 text references documents.file,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  -- Of a removed document the record stays, and the file goes.
  check ((deleted_at is null) = (file_sha256 is not null))
);
create index document_user_id on documents.document (user_id);
create index document_file_sha256 on documents.document (file_sha256);
${keySql(identityCard, dialect)}

create schema wrong_way;
create table wrong_way.naive_document (
  id integer generated always as identity primary key,
  user_id text not null,
  document_type text not null,
  file_name text not null
);

insert into documents.users (name) values ('Asha Rao'), ('Dev Patel'), ('Meera Iyer');`,
  ]
}
