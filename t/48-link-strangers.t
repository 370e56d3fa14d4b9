#!/usr/bin/perl
# Whatever a stranger sends to the link's socket costs the stranger its connection and nobody anything else.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::LinkPeer qw(packet as_nobody HELLO APPLIED PUBLISH REFUSED);
use Test::More;

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

$t->write_rows(1);
$t->scene_config(max_age => '30s');
$t->start_sidecar;
$t->scene_nginx;
$t->start_nginx;
$t->wait_in_step;
$t->wait_for_board_file;
my $pid = $t->sidecar_pid;
my $descriptors = Gatehouse::Process::descriptor_count($pid);
my $load = $t->load(paths => ['/api/rows', '/api/count'], clients => 1);

my $hello = '{"pid":1,"worker":0}';
my %strange = (
    'one byte' => ['x'],
    'text' => ["GET / HTTP/1.1\r\n\r\n"],
    'half a header' => [substr packet(HELLO, $hello), 0, 20],
    'another magic' => [packet(HELLO, $hello, magic => 0x4748_544c)],
    'a payload of 4 GB' => [packet(HELLO, $hello, size => 0xffff_ffff)],
    'a payload that is not there' => [packet(HELLO, '', size => 20)],
    'a payload over the limit' => [packet(HELLO, 'x' x 65_537)],
    'a hello that is no JSON' => [packet(HELLO, "\xff\x00{")],
    'a hello that is no object' => [packet(HELLO, '[1]')],
    'a hello of nested brackets' => [packet(HELLO, '[' x 60_000)],
    'applied before hello' => [packet(APPLIED)],
    'a publish from a worker' => [packet(HELLO, $hello), packet(PUBLISH, 'rows')],
    'two hellos' => [packet(HELLO, $hello), packet(HELLO, $hello)],
    'an unknown type' => [packet(HELLO, $hello), packet(999)],
    'random bytes' => [map { join '', map { chr rand 256 } 1 .. rand 200 } 1 .. 20],
);
for my $name (sort keys %strange) {
    my $peer = Gatehouse::LinkPeer->connect($t->link_path) or die "connect: $!";
    $peer->send($_) for @{$strange{$name}};
    my $last = $peer->last_packet;
    ok $last && $last->{type} == REFUSED, "$name: refused and closed";
}
my $newer = Gatehouse::LinkPeer->connect($t->link_path);
$newer->send(packet(HELLO, $hello, version => 99));
like $newer->last_packet->{payload}, qr/version 99.*version 3/, 'another version: refused by a text that names both';

# --- by the thousand ---
my $connected = 0;
for (1 .. 10_000) {
    my $peer = Gatehouse::LinkPeer->connect($t->link_path);
    next if !$peer;
    ++$connected;
    $peer->send('x' x 10) if $_ % 3 == 0;
}
cmp_ok $connected, '>', 100, "$connected of 10,000 connects were taken";
my @silent = grep { defined } map { Gatehouse::LinkPeer->connect($t->link_path) } 1 .. 300;
$t->write_rows(2);
ok $t->wait_for_generation(2), 'publishes go on meanwhile';
ok $t->kill_worker, 'a worker is killed meanwhile';
is $t->get('/api/rows')->{status}, 200, 'and the next one serves';
my $first = shift @silent;
ok $first->last_packet, 'who never says hello is dropped';
@silent = ();

# --- another user ---
SKIP: {
    skip 'only root can be another user', 3 if $> != 0;
    is as_nobody(sub { Gatehouse::LinkPeer->connect($t->link_path) ? 'connected' : "$!" }), 'Permission denied',
        'nobody is kept out by the mode of the socket file';
    chmod 0666, $t->link_path;
    my $answer = as_nobody(sub {
        my $peer = Gatehouse::LinkPeer->connect($t->link_path) or return "$!";
        $peer->send(packet(HELLO, $hello));
        my $last = $peer->last_packet or return 'not closed';
        return "$last->{type} $last->{payload}";
    });
    like $answer, qr/^22 user id 65534.*may not use the link/, 'and where the mode lets nobody in, by SO_PEERCRED';
    like $t->log_text('sidecar.log'), qr/"uid":65534/, 'with a line in the log';
}

# --- and nobody noticed ---
is $t->sidecar_pid, $pid, 'the sidecar is the same';
ok $t->{sidecar}->running, 'and runs';
my $report = $load->stop;
cmp_ok $report->{failures}, '<=', 1, "$report->{requests} requests: at most the one under way in the killed worker failed";
is $report->{torn}, 0, 'none was torn';
my $settled = eval {
    wait_for(sub { Gatehouse::Process::descriptor_count($pid) <= $descriptors }, 15, 'end of the connections');
};
ok $settled, "the sidecar's descriptors are as before: $descriptors, now " . Gatehouse::Process::descriptor_count($pid);
my $lines = $t->log_text('sidecar.log') =~ tr/\n//;
cmp_ok $lines, '<', 500, "ten thousand strangers made no ten thousand lines ($lines)";

$t->done;
