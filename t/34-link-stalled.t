#!/usr/bin/perl
# A peer of the link that never reads, or never speaks, is dropped in time; it holds up nobody and nothing grows.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::LinkPeer qw(packet HELLO);
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

# Other bytes every time: enough to fill a socket's buffer within seconds.
my %cards = map { ("c$_" => {path => "/c$_", sql => 'select random() r', refresh => '100ms', formats => ['json']}) } 1 .. 16;
$t->sidecar_config({cards => \%cards, sources => {}});
$t->start_sidecar;

my $mute = Gatehouse::LinkPeer->connect($t->link_path);
my $stalled = Gatehouse::LinkPeer->connect($t->link_path);
$stalled->send(packet(HELLO, '{"pid":1,"worker":7}'));
my $reader = Gatehouse::LinkPeer->connect($t->link_path);
$reader->send(packet(HELLO, '{"pid":2,"worker":8}'));

sub worker ($slot) { return (grep { $_->{worker} == $slot } @{$t->ctl_json('status')->{workers}})[0] }
sub log_has ($pattern) { return $t->log_text('sidecar.log') =~ $pattern }

wait_for(sub { worker(7) && worker(8) }, 10, 'both workers');
my $packets = 0;
my $drain = sub { $packets++ while $reader->receive(0.001) };
wait_for(sub { $drain->(); (worker(7) // {queued => 99})->{queued} >= 16 }, 20, 'a full buffer of the stalled worker');
# Where the cards fall behind, health has news too.
cmp_ok worker(7)->{queued}, '<=', 18, 'one message per card waits for it, one beat, one table of health';
my $memory = Gatehouse::Process::memory_kib($t->sidecar_pid);

wait_for(sub { $drain->(); log_has(qr/"link peer dropped","reason":"it sent no hello within 5 s"/) }, 15, 'end of the mute peer');
pass 'a peer that says nothing is dropped after 5 s';
wait_for(sub { $drain->(); log_has(qr/"worker disconnected".*"reason":"it has read nothing for 10 s"/) }, 25, 'end of the stalled peer');
pass 'a worker that reads nothing is dropped after 10 s';
ok worker(8), 'the one that reads stays';
my $before = $packets;
wait_for(sub { $drain->(); $packets > $before + 20 }, 10, 'further packets');
pass 'and is told everything';
my $grown = Gatehouse::Process::memory_kib($t->sidecar_pid) - $memory;
# A sanitizer keeps what is freed for a while.
my $bound = %{$t->sanitizer_environment(0)} ? 500_000 : 50_000;
cmp_ok $grown, '<', $bound, "memory grew by $grown KiB meanwhile";
$t->done;
