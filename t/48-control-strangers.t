#!/usr/bin/perl
# The control socket under clients that connect and say nothing, and under connects by the thousand: bounded, and soon over.

use v5.36;
use lib 't/lib';
use Gatehouse;
use IO::Select;
use IO::Socket::UNIX;
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

$t->write_file('d.csv', "n\n1\n");
$t->sidecar_config({
    sources => {d => {kind => 'csv', path => '%%DIR%%/d.csv'}},
    cards => {d => {path => '/d', sql => 'select n from d', shape => 'value', refresh => '200ms'}}});
$t->start_sidecar;
wait_for(sub { $t->ctl_json('card', 'show', 'd')->{generation} }, 10, 'first data');

sub descriptors { return scalar(() = glob('/proc/' . $t->sidecar_pid . '/fd/*')) }
sub silent { return IO::Socket::UNIX->new(Peer => $t->control_path) }
sub readable ($sockets) { return scalar(() = $sockets->can_read(0)) }
sub answers { return ($t->ctl('--timeout', '2', 'version'))[0] == 0 }
sub read_all ($socket) { local $/; return readline($socket) // '' }

# --- clients that say nothing ---
my $before = descriptors();
my $verified = $t->ctl_json('card', 'show', 'd')->{verified_at};
my $opened = now();
my @silent = grep { defined } map { silent() } 1 .. 300;
cmp_ok scalar @silent, '>=', 64, scalar(@silent) . ' clients connect and say nothing';
cmp_ok descriptors() - $before, '<=', 70, 'at most 64 of them are kept';
my $readable = IO::Select->new(@silent);
ok wait_for(sub { readable($readable) >= @silent - 64 }, 5, 'those too many hung up on'), 'those too many are hung up on at once';
ok wait_for(\&answers, 20, 'an answer'), 'others are answered again as soon as the idle limit has passed';
cmp_ok now() - $opened, '<', 14, 'which is ten seconds';
ok wait_for(sub { readable($readable) == @silent }, 5, 'all hung up on'), 'all of them are hung up on';
ok wait_for(sub { descriptors() <= $before + 2 }, 5, 'descriptors'), 'and their descriptors are closed';

# --- one that says its request byte by byte ---
my $slow = silent();
my $began = now();
wait_for(sub { print {$slow} 'G'; $slow->flush; IO::Select->new($slow)->can_read(0.1) }, 20, 'the end of a slow client');
cmp_ok now() - $began, '<', 14, 'a request that trickles in has ten seconds in all';

# --- ten thousand ---
local $SIG{PIPE} = 'IGNORE';
my $connected = 0;
for my $n (1 .. 10_000) {
    my $socket = silent() or next;
    ++$connected;
    syswrite $socket, "GET /v1/version HTTP/1.1\r\nHost: x\r\n\r\n" if $n % 3 == 0;
}
cmp_ok $connected, '>', 5000, "$connected of 10,000 connects";
ok wait_for(\&answers, 5, 'an answer'), 'it answers right after';
ok wait_for(sub { descriptors() <= $before + 2 }, 12, 'descriptors'), 'and holds nothing';
isnt $t->ctl_json('card', 'show', 'd')->{verified_at}, $verified, 'cards went on';
is $t->kill_sidecar('TERM'), 'exit 0', 'by the same process';
$t->done;
