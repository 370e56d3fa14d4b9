#!/usr/bin/perl
# Types of PostgreSQL that a dashboard seldom sees: as a query yields them, and as COPY loads them into the engine.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Postgres;
use JSON::PP;
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
plan skip_all => 'needs PostgreSQL' if !Gatehouse::Postgres->available;

my $pg = Gatehouse::Postgres->new($t);
$pg->start;
$pg->sql(<<'SQL');
create type pair as (a int, b text);
create type mood as enum('ok', 'sad');
create function nothing() returns void language sql as '';
SQL

# What is a type of its own in answers: worked out by hand.
my %by_hand = (
    q('\x00ff10'::bytea) => 'AP8Q', q(array['\x01'::bytea, null]) => ['AQ==', undef], q(''::bytea) => '',
    q('2024-02-29 12:00:00.123456+02'::timestamptz) => '2024-02-29T10:00:00.123456Z',
    q('1969-12-31 23:59:59-03:30'::timestamptz) => '1970-01-01T03:29:59Z',
    q(array['2024-02-29 00:00+14'::timestamptz]) => ['2024-02-28T10:00:00Z'], q('-infinity'::timestamptz) => undef,
    q(4294967295::oid) => 4294967295, q(array[0, 4294967295]::oid[]) => [0, 4294967295],
    q('0001-01-01'::date) => '0001-01-01', q('infinity'::date) => undef, q('24:00'::time) => '24:00:00',
    q('NaN'::numeric) => undef, q('Infinity'::numeric) => undef, q('NaN'::numeric(5, 2)) => undef,
    q(array[array[]::int[]]) => [], q(nothing()) => undef,
);
# All else: its text, as psql prints it.
my @as_text = (
    q('{"a": [1,  2], "a": null}'::json), q('[1, 2.50, "ü"]'::jsonb), q('null'::jsonb), q('"\u20ac"'::jsonb),
    q('12.34'::money), q('-1234567.89'::money), q('12:00:00.5+02'::timetz), q{'{[1,3), [5,7)}'::int4multirange}, q('empty'::int4range),
    q{'(,2024-01-01]'::daterange}, q('fat:2A,4 cat:3'::tsvector), q('x'::"char"), q(''::"char"), q(row(1, 'x y')::pair),
    q{row(null, '(,"')::pair}, q(array[row(1, 'a')::pair, null]), q(array['ok', 'sad']::mood[]), q(array[['ok'], ['sad']]::mood[]),
    q(array[[1, 2], [3, 4]]::text), q('1 year -2 mons 03:04:05.6'::interval), q('::1'::inet), q('10.0.0.1'::inet), q('10.0.0.1/8'::inet), q(array['::1'::inet]), q('10.1/16'::cidr), q('[(0,0),(1,1)]'::lseg),
    q('<(1,2),3>'::circle), q(B'1010'::varbit), q('mood'::regtype), q('16/B374D848'::pg_lsn), q('(0,1)'::tid), q(array['12.34'::money]),
    q('$.a[*] ? (@ > 1)'::jsonpath),
);
# These are the types of no column: a table cannot hold them.
my @of_no_table = (q(row(1, 'a b', null)), q((select p from (values (1, 'z')) p(a, b))), q(nothing()), q(pg_sleep(0)));

my @stored = (sort(grep { $_ ne 'nothing()' } keys %by_hand), @as_text);
my @all = (@stored, @of_no_table);
sub columns (@values) { return join ', ', map { "$values[$_] as c$_" } 0 .. $#values }
$pg->sql('create table odd as select ' . columns(@stored));

my %card = (shape => 'object', max_age => '600s', refresh => '1h');
$t->write_file('csv.csv', "n\n1\n");
$t->sidecar_config({
    sources => {pg => {kind => 'postgres', url => $pg->url}, csv => {kind => 'csv', path => '%%DIR%%/csv.csv'}},
    cards => {
        queried => {path => '/queried', sources => ['pg'], sql => 'select ' . columns(@all), %card},
        copied => {path => '/copied', sql => 'select odd.* from pg.odd, csv', %card},
        square => {path => '/square', sources => ['pg'], sql => 'select array[[1, 2], [3, 4]] as a', %card},
    }});
$t->start_sidecar;

sub exported ($name) {
    my $out = eval { wait_for(sub { my ($exit, $text) = $t->ctl('card', 'export', $name); $exit == 0 && $text }, 15, "data of $name") };
    diag $t->log_text('sidecar.log') if !$out;
    return JSON::PP->new->utf8->allow_bignum->decode($out // '{}');
}
sub check ($name, @values) {
    my $found = exported($name);
    for my $i (0 .. $#values) {
        my $value = $values[$i];
        my $expected = exists $by_hand{$value} ? $by_hand{$value} : $pg->sql("select $value");
        utf8::decode($expected) if defined $expected && !exists $by_hand{$value};
        is_deeply $found->{"c$i"}, $expected, "$name: $value" or diag explain $found->{"c$i"};
    }
    return is scalar(keys %$found), scalar(@values), "$name: no other column";
}
check('queried', @all);
check('copied', @stored);

wait_for(sub { $t->ctl_json('card', 'show', 'square')->{state} eq 'failed' }, 15, 'failure of square');
like $t->ctl_json('card', 'show', 'square')->{failure}{error}, qr/column "a": an array has several dimensions; cast it/, 'an array of two dimensions says what to do';
$pg->stop;
$t->expect_in_logs(qr/card failed.*square/);
$t->done;
