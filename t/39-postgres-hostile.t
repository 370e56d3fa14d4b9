#!/usr/bin/perl
# SQL for PostgreSQL that would write, reach out, change settings, or yield more than there is room for: refused or bounded.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Postgres;
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
plan skip_all => 'needs PostgreSQL' if !Gatehouse::Postgres->available;

my $pg = Gatehouse::Postgres->new($t);
$pg->start;
$pg->sql(<<'SQL');
create table kept(n int primary key); insert into kept values (1), (2), (3);
create table ticks(n int); insert into ticks values (0);
create sequence counted;
create function wipe() returns int language plpgsql as 'begin delete from kept; return 1; end';
create function unlock() returns int language plpgsql as $$begin perform set_config('transaction_read_only', 'off', true); delete from kept; return 1; end$$;
create function finish() returns int language plpgsql as 'begin commit; delete from kept; return 1; end';
create view huge as select repeat('x', 400000000) as x;
create role guest login; grant select on kept to guest;
SQL

# The role "app" is a superuser: what it is refused here, the server would let it do.
my $made = $t->dir('made');
my %refused = (
    delete => ['with gone as (delete from kept returning n) select count(*)::int as n from gone', qr/the SQL may only read \(cannot execute SELECT in a read-only/],
    update => ['with new as (update kept set n = n + 10 returning n) select n from new', qr/the SQL may only read \(cannot execute SELECT in a read-only/],
    insert => ['with new as (insert into kept values (9) returning n) select n from new', qr/the SQL may only read \(cannot execute SELECT in a read-only/],
    into => ['select n into other from kept', qr/the SQL may only read \(cannot execute/],
    lock => ['select n from kept for update', qr/the SQL may only read \(cannot execute SELECT FOR UPDATE/],
    sequence => [q(select nextval('counted') as n), qr/the SQL may only read \(cannot execute nextval/],
    function => ['select wipe() as n', qr/the SQL may only read \(cannot execute DELETE/],
    unlock => ['select unlock() as n', qr/transaction read-write mode must be set before any query/],
    mode => [q(select set_config('transaction_read_only', 'off', false) as n), qr/transaction read-write mode must be set before any query/],
    commit => ['select finish() as n', qr/invalid transaction termination/],
    copy => ['copy kept to stdout', qr/the SQL must be a query/],
    program => ["copy kept to program 'touch $made'", qr/the SQL must be a query/],
    do => ['do $$begin delete from kept; end$$', qr/the SQL must be a query/],
    explain => ['explain analyze delete from kept', qr/the SQL must be a query/],
    several => ['select 1 as n; drop table kept', qr/the SQL must be one statement/],
    commented => ['select 1 as n /* /* */ ; */; drop table kept', qr/the SQL must be one statement/],
    quoted => [q(select $q$;$q$ || E'\\\\' as n; drop table kept; --'), qr/the SQL must be one statement/],
    cast => [q{select '1 day'::interval as n) as x(c0); drop table kept; --}, qr/the SQL must be one statement/],
);
my %of_guest = (
    file => [q(select pg_read_file('/etc/passwd') as n), qr/permission denied for function pg_read_file/],
    export => ["select lo_export(1, '$made') as n", qr/permission denied for function lo_export/],
    listing => [q(select * from pg_ls_dir('/') as n), qr/permission denied for function pg_ls_dir/],
);
my %too_much = (
    rows => ['select generate_series(1, 1000000000) as n', qr/the SQL yields more than \d+ rows/],
    bytes => [q(select generate_series(1, 1000000000) as n, repeat('x', 1000) as x), qr/the rows take more than 64/],
    value => [q(select repeat('x', 400000000) as n), qr/memory/],
    loaded => ['select length(x) as n from pg.huge, csv', qr/memory/],
);
# What does no harm.
my %allowed = (
    escaped => [q(select E'\\'; drop table kept; --' as n), q("'; drop table kept; --")],
    large_object => [q(select (lo_from_bytea(0, 'a') > 0) as n), 'true'],
    settings => [q(select set_config('application_name', 'stolen', false) || set_config('default_transaction_read_only', 'off', false) as n), '"stolenoff"'],
);

my %card = (shape => 'value', max_age => '600s', refresh => '1h', timeout => '60s');
my %cards = (ticks => {path => '/ticks', sources => ['single'], sql => 'select max(n) as n from ticks', shape => 'value', refresh => '200ms'},
    named => {path => '/named', sources => ['single'], sql => q(select current_setting('application_name') || current_setting('default_transaction_read_only') as n), %card});
for ([\%refused, 'pg'], [\%of_guest, 'guest'], [\%too_much, 'pg'], [\%allowed, 'single']) {
    my ($set, $source) = @$_;
    $cards{$_} = {path => "/$_", $set->{$_}[0] =~ /csv/ ? () : (sources => [$source]), sql => $set->{$_}[0], %card} for keys %$set;
}
my $limit = 640;  # MiB
my %postgres = (kind => 'postgres', url => $pg->url);
$t->write_file('csv.csv', "n\n1\n");
$t->sidecar_config({
    engine => {memory_limit => '64m', $t->sanitizer ? () : (process_memory_limit => "${limit}m")},
    sources => {pg => {%postgres}, single => {%postgres, pool_size => 1, max_overflow => 0}, guest => {%postgres, url => $pg->url('&user=guest')},
        csv => {kind => 'csv', path => '%%DIR%%/csv.csv'}},
    cards => \%cards});
$t->start_sidecar;

sub card ($name) { return $t->ctl_json('card', 'show', $name) }
sub body ($name) { my ($exit, $out) = $t->ctl('card', 'export', $name); return $exit == 0 ? $out =~ s/\s+\z//r : '' }
sub failed ($name, $pattern) {
    my $card = wait_for(sub { my $card = card($name); ($card->{failure} || $card->{generation}) && $card }, 60, "outcome of $name");
    like $card->{failure}{error} // '', $pattern, "$name: refused" or diag body($name);
    return is body($name), '', "$name: and yields nothing";
}
# At the start all of them ask for much at once, and one may meet the bound of the process, or its time, before its own: then by itself.
sub fails_alone ($name, $pattern) {
    eval {
        wait_for(sub {
            my $is_so = (card($name)->{failure}{error} // '') =~ $pattern;
            $t->ctl('card', 'refresh', $name, '--wait') if !$is_so;
            return $is_so;
        }, 120, "end of $name");
    };
    return failed($name, $pattern);
}
my %fails = (%refused, %of_guest);
failed($_, $fails{$_}[1]) for sort keys %fails;
fails_alone($_, $too_much{$_}[1]) for sort keys %too_much;
for my $name (sort keys %allowed) {
    ok eval { wait_for(sub { body($name) eq $allowed{$name}[1] }, 20, $name) }, "$name: does no harm" or diag body($name);
}
is +($t->ctl('card', 'refresh', 'named'))[0], 0, 'the connection on which settings were changed';
is body('named'), '"gatehouseon"', 'has those it had';

# --- all is as it was ---
is $pg->sql('select count(*), sum(n) from kept'), '3|6', 'the table is as it was';
is $pg->sql('select is_called from counted'), 'f', 'and the sequence';
is $pg->sql('select count(*) from pg_largeobject_metadata'), 0, 'there is no large object';
is $pg->sql(q(select count(*) from pg_tables where tablename = 'other')), 0, 'nor another table';
ok !-e $made, 'nor a file';
my $busy = q(select count(*) from pg_stat_activity where state <> 'idle' and application_name = 'gatehouse' and query like '%generate_series%');
ok eval { wait_for(sub { $pg->sql($busy) eq '0' }, 20, 'the end of all queries') }, 'the server has stopped as well';
$pg->sql('update ticks set n = 7');
ok wait_for(sub { body('ticks') eq '7' }, 15, 'a tick'), 'other cards go on';
cmp_ok Gatehouse::Process::memory_kib($t->sidecar_pid, 'VmHWM') / 1024, '<', $limit + 64, 'the sidecar keeps to its bound' if !$t->sanitizer;
is $t->kill_sidecar('TERM'), 'exit 0', 'and is the first process still';
$pg->stop;
$t->expect_in_logs(qr/card failed/);
$t->done;
