#!/usr/bin/perl
# Cards over a real PostgreSQL: types, notifications, and a server that is killed, slow, locked, changed or full.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Postgres;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
plan skip_all => 'needs PostgreSQL' if !Gatehouse::Postgres->available;

my $pg = Gatehouse::Postgres->new($t, max_connections => 24, superuser_reserved_connections => 5);
$pg->start;
$pg->sql(<<'SQL');
create table simulations(id int primary key, name text, score numeric(8,2));
insert into simulations values (1, 'first', 1.50), (2, 'it''s', null);
create table locked(n int); insert into locked values (1);
create type mood as enum('ok', 'sad');
create domain positive as int check (value > 0);
create role guest login; grant select on simulations to guest;
SQL

# Each value as PostgreSQL's own to_json shows it, but where the comment says why not.
my @values = (
    "true" , "(-32768)::int2", "2147483647", "(-9223372036854775807)::int8", "1.5::float4", "0.1::float8", "'a'::text",
    "repeat('long ', 10)", "'b'::varchar(5)", "'c'::char(3)", "'n'::name", "'2024-02-29'::date",
    "'23:59:59.999999'::time", "'2024-02-29 12:00:00.123456'::timestamp", "'12345678-9abc-def0-1234-56789abcdef0'::uuid",
    "12.34::numeric(8,2)", "(-0.07)::numeric(4,2)", "array[1,null,3]", "array['a','b c']", "'{}'::text[]", "array[1.5::float8]",
    "array[true,false]", "null::int", "'sad'::mood", "5::positive", "'1 day 02:00'::interval", "'10.0.0.1/8'::inet",
    "'(1,2)'::point", "'08:00:2b:01:02:03'::macaddr", "int4range(1,5)", "'a & b'::tsquery", "B'101'::bit(3)", "'<a/>'::text",
);
my $columns = join ', ', map { "$values[$_] as c$_" } 0 .. $#values;

my %postgres = (kind => 'postgres', url => $pg->url);
my %value = (shape => 'value', max_age => '600s');
$t->write_file('csv.csv', "id,weight\n1,10\n2,20\n");
$t->sidecar_config({
    sources => {
        runs => {%postgres, notify => 'changed', pool_size => 2, max_overflow => 0, pool_timeout => '2s'},
        tight => {%postgres, url => $pg->url('&user=guest'), pool_size => 1, max_overflow => 0},
        own => {%postgres, query => 'select id, upper(name) as name from simulations; -- all'},
        csv => {kind => 'csv', path => '%%DIR%%/csv.csv'},
    },
    cards => {
        types => {path => '/types', sources => ['runs'], sql => "select $columns", shape => 'object', max_age => '600s'},
        simulations => {path => '/simulations', sql => 'select * from runs.simulations order by id', max_age => '600s'},
        mixed => {path => '/mixed', sql => 'select sum(weight)::bigint s from csv join runs.simulations using (id) where score > 1', %value},
        own => {path => '/own', sql => 'select string_agg(name, \',\' order by id) as n from own', refresh => '1h', %value},
        slow => {path => '/slow', sources => ['own'], sql => 'select pg_sleep(60)::text as s', timeout => '500ms', refresh => '1h', %value},
        locked => {path => '/locked', sources => ['own'], sql => 'select n from locked', timeout => '1s', refresh => '1h', %value},
        guest => {path => '/guest', sources => ['tight'], sql => 'select count(*) as n from simulations', refresh => '1h', %value},
        clock => {path => '/clock', sql => 'select 1 as n', refresh => '200ms', shape => 'value'},
    }});
$t->start_sidecar;

sub card ($name) { return $t->ctl_json('card', 'show', $name) }
sub shown ($name) { return JSON::PP->new->canonical->encode(card($name)) }
sub body ($name) {
    my ($exit, $out) = $t->ctl('card', 'export', $name);
    return $exit == 0 ? $out =~ s/\s+\z//r : '';
}
sub becomes ($name, $value, $what) {
    my $found = eval { wait_for(sub { body($name) eq $value }, 15, "$name = $value") };
    return ok($found, $what) || diag body($name), shown($name);
}
sub refresh ($name) { return ($t->ctl('card', 'refresh', $name))[0] }

wait_for(sub { body('types') }, 15, 'types');
my $types = JSON::PP->new->allow_bignum->decode(body('types'));
for my $i (0 .. $#values) {
    my $expected = JSON::PP->new->allow_nonref->allow_bignum->decode(
        $pg->sql("select coalesce(to_json(($values[$i])), 'null')"));
    # Shown as a number with its digits; to_json shows the same number.
    is_deeply [map { ref eq 'ARRAY' ? [map { "" . ($_ // 'null') } @$_] : "" . ($_ // 'null') } $types->{"c$i"}],
        [map { ref eq 'ARRAY' ? [map { "" . ($_ // 'null') } @$_] : "" . ($_ // 'null') } $expected], "value $values[$i]";
}
is body('own'), q("FIRST,IT'S"), 'the source\'s "query" under its name';
becomes('mixed', 10, 'loaded by COPY and joined with a CSV');

# --- source list, source test ---
my %listed = map { $_->{name} => $_ } @{$t->ctl_json('source', 'list')->{sources}};
ok $listed{$_}{up}, "$_ is up" for qw(runs own);
is_deeply [@{$listed{runs}{pool}}{qw(size overflow waiting)}], [2, 0, 0], 'its pool';
cmp_ok $listed{runs}{pool}{in_use} + $listed{runs}{pool}{idle}, '>=', 1, 'which has a connection';
is_deeply $t->ctl_json('source', 'test', 'own')->{columns}, [{name => 'id', type => 'INTEGER'}, {name => 'name', type => 'VARCHAR'}], 'source test: columns of its query';
my %tables = map { $_->{name} => $_->{type} } @{$t->ctl_json('source', 'test', 'runs')->{columns}};
is $tables{'public.simulations'}, 'BASE TABLE', 'or its tables';
unlike +($t->ctl('source', 'list'))[1], qr/postgresql:|user=app/, 'and never its URL';

# --- NOTIFY ---
$pg->sql("update simulations set score = 5 where id = 2; notify changed");
becomes('mixed', 30, 'a notification refreshes the cards');

# --- slow, locked ---
wait_for(sub { card('slow')->{state} eq 'failed' }, 10, 'failure of slow');
like shown('slow'), qr/took longer than its/, 'a query over its timeout is ended';
wait_for(sub { $pg->sql("select count(*) from pg_stat_activity where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()") eq '0' }, 10, 'the server stops it');
pass 'and cancelled at the server';
becomes('locked', 1, 'a table without a lock');
my $session = $pg->session('begin; lock table locked in access exclusive mode;');
wait_for(sub { $pg->sql("select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'locked'::regclass") eq '1' }, 10, 'the lock');
isnt refresh('locked'), 0, 'a locked table fails its card in time';
is body('locked'), 1, 'which keeps its data';
close $session;
is refresh('locked'), 0, 'and is well again afterwards';

# --- schema ---
$pg->sql('alter table simulations add column extra int default 7; notify changed');
my $changed = eval { wait_for(sub { body('simulations') =~ /"extra":7/ }, 15, 'the new column') };
ok $changed, 'a column that is added appears';
$pg->sql('alter table simulations alter column extra type text; notify changed');
ok eval { wait_for(sub { body('simulations') =~ /"extra":"7"/ }, 15, 'the new type') }, 'a type that changes is followed';
$pg->sql('alter table simulations rename to gone; notify changed');
wait_for(sub { card('simulations')->{state} eq 'failed' }, 15, 'failure of simulations');
like shown('simulations'), qr/source \\"runs\\": relation \\"simulations\\" does not exist/, 'a table that is gone is named';
$pg->sql('alter table gone rename to simulations; notify changed');
wait_for(sub { card('simulations')->{state} eq 'fresh' }, 15, 'simulations again');

# --- backends killed ---
my @backends = split /\n/, $pg->sql("select pid from pg_stat_activity where application_name = 'gatehouse'");
cmp_ok scalar @backends, '>=', 2, 'connections are kept, under their name';
$pg->sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'gatehouse'");
is refresh('own'), 0, 'a connection that was ended is noticed before it is used';
$pg->sql("update simulations set score = 0");
becomes('mixed', 'null', 'what was missed while the listener was away is caught up') for 1;
$pg->sql("update simulations set score = 9; notify changed");
becomes('mixed', 30, 'and it listens again');

# --- out of connections ---
# Of the 24, "guest" may take 19. The connection that listens is one of them: with 18 sessions there is none left for it,
# and some are for "app", which may take them all.
$pg->sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'guest'");
sub connected ($whose) { return $pg->try_sql("select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() and $whose") }
my @sessions = map { $pg->session('select 1;') } 1 .. 18;
wait_for(sub { connected("application_name = 'psql'") eq '18' }, 10, 'sessions');
wait_for(sub { connected("usename = 'guest'") eq '0' && connected("application_name = 'gatehouse'") >= 1 }, 10, 'no guest, and the one that listens');
isnt refresh('guest'), 0, 'a server without connections fails the card';
like shown('guest'), qr/source \\"tight\\": PostgreSQL: .*(?:too many clients|remaining connection slots)/, 'with its reason';
is body('guest'), 2, 'which keeps its data';
is refresh('own'), 0, 'one whose connection is there goes on';
isnt refresh('guest'), 0, 'as long as it lasts';
close $_ for @sessions;
wait_for(sub { connected("application_name = 'psql'") eq '0' }, 10, 'room');
is refresh('guest'), 0, 'and no longer';

# --- the server is killed ---
my $before = body('simulations');
$pg->kill;
isnt refresh('own'), 0, 'a server that is killed fails the card';
is body('own'), q("FIRST,IT'S"), 'which keeps its data';
like shown('own'), qr/source \\"own\\": PostgreSQL: /, 'with the reason';
unlike shown('own'), qr/user=app/, 'and without the URL';
my $clock = card('clock')->{verified_at};
wait_for(sub { card('clock')->{verified_at} ne $clock }, 10, 'clock goes on');
is card('clock')->{state}, 'fresh', 'the other cards keep their schedule';
is body('simulations'), $before, 'and the last good data';
$pg->start;
is refresh('own'), 0, 'after its restart the card is well';
$pg->sql("update simulations set score = 9 where id = 1; update simulations set score = 0 where id = 2; notify changed");
becomes('mixed', 10, 'the listener has found the server again');

$t->stop_sidecar;
$pg->stop;
$t->done;
