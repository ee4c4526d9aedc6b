/** In several statements, for drivers that take them together. */
export const tables = `
create table race (user_id varchar(36) not null, name varchar(36) not null);
create table person (user_id varchar(36) not null unique, name varchar(36) not null);
create table account (id integer primary key, balance integer not null);
insert into account (id, balance) values (1, 0), (2, 0)`
