#!/usr/bin/perl
# A server that is stopped dead (SIGSTOP) while its connection is there: a reload without its source waits for nobody.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Postgres;
use Test::More;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
plan skip_all => 'needs PostgreSQL' if !Gatehouse::Postgres->available;

my $port = $ENV{PGPORT} = $t->port(1);
my $pg = Gatehouse::Postgres->new($t, listen_addresses => '127.0.0.1', port => $port);
$pg->start;

my %own = (sources => {}, cards => {clock => {path => '/clock', sql => 'select 1 as n', refresh => '1s', shape => 'value'}});
# Longer than anything here waits for.
my %notified = (kind => 'postgres', url => "postgresql://app\@127.0.0.1:$port/postgres", notify => 'changed', connect_timeout => '600s');
$t->sidecar_config({%own, sources => {notified => \%notified}});
$t->start_sidecar;

my $listener = wait_for(sub { $pg->sql(q(select pid from pg_stat_activity where query like 'LISTEN %' and state = 'idle')) }, 20, 'the listener');
kill 'STOP', $listener or die "kill: $!";

# Bytes that the server has not read.
sub unread () {
    open my $sockets, '<', '/proc/net/tcp' or die "/proc/net/tcp: $!";
    my ($own) = map { sprintf '0100007F:%04X', $_ } $port;
    return grep { /^\s*\d+: \Q$own\E \S+ 01 \w+:(\w+)/ && hex $1 } <$sockets>;
}
ok wait_for(\&unread, 60, 'the question whether it is there'), 'a listener that hears nothing for long asks, and waits for the answer';

$t->sidecar_config(\%own);
is +($t->ctl('--timeout', 60, 'reload', '--wait'))[0], 0, 'a reload without it';
is +($t->ctl('--timeout', 60, 'card', 'refresh', 'clock'))[0], 0, 'and all goes on';
is_deeply $t->ctl_json('source', 'list')->{sources}, [], 'the source is gone';
kill 'CONT', $listener;
ok wait_for(sub { $pg->sql("select count(*) from pg_stat_activity where pid = $listener") eq '0' }, 20, 'its end'), 'and so is its connection';
$t->done;
