#!/usr/bin/perl
# Whatever listens in the sidecar's place, a worker goes on with the cards it has.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::LinkPeer qw(packet as_nobody HELLO PUBLISH REFUSED);
use POSIX ();
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');

my $body = '[{"generation":1}]';
my $publisher = $t->start_publisher;
$publisher->card('a', '/a', json => $body, max_age_ms => 600_000);
$publisher->command('archive', $t->board_path);
$publisher->stop;

$t->nginx_conf('gate_link_timeout 2s; server { listen 127.0.0.1:%%PORT%%; location / { gate_board on; root temp; } }');
my $listener = Gatehouse::LinkPeer->listen($t->link_path);
chmod 0666, $t->link_path;

# The worker connects at its start and waits for a while; who listens says nothing.
$t->start_nginx;
is $t->get('/a')->{body}, $body, 'a sidecar that says nothing: the last good board is served';
my ($worker) = $t->nginx_workers;
my $descriptors;

my %strange = (
    'nothing' => [],
    'garbage' => ['this is no message'],
    'half a header' => [substr packet(21), 0, 16],
    'another version' => [packet(21, '', version => 99)],
    'a lying size' => [packet(21, 'x', size => 4_000_000_000)],
    'a message over the limit' => [packet(21, 'x' x 70_000)],
    'a publish without a descriptor' => [packet(PUBLISH, 'a')],
    'an unknown type' => [packet(77)],
    'a hello' => [packet(HELLO, '{}')],
    'a refusal' => [packet(REFUSED, "no\r\nX: y\x1b[31m")],
    'random bytes' => [map { join '', map { chr rand 256 } 1 .. 1 + rand 200 } 1 .. 20],
);
# The next connection of the worker; the master's, which only looks whether somebody listens, says nothing.
sub next_worker {
    while (my $peer = $listener->accept(10 * ($ENV{GATEHOUSE_TIMEOUT_SCALE} // 1))) {
        my $said = $peer->receive;
        return $peer if $said && $said->{type} == HELLO;
    }
    die 'no further connection';
}

my $peer = next_worker();
for my $name (sort keys %strange) {
    $descriptors //= Gatehouse::Process::descriptor_count($worker);
    $peer->send($_) for @{$strange{$name}};
    my $closed = $peer->last_packet;
    ok $closed, "$name: it hangs up";
    undef $peer;
    is $t->get('/a')->{body}, $body, "$name: it serves on";
    $peer = next_worker();
}
is +($t->nginx_workers)[0], $worker, 'the worker is the same';
my $settled = eval { wait_for(sub { Gatehouse::Process::descriptor_count($worker) <= $descriptors }, 5, 'end') };
ok $settled, "its descriptors are as before: $descriptors";
my $log = $t->log_text('error.log');
unlike $log, qr/[\x00-\x08\x0b-\x1f]/, 'what the peer said stands in the log without control characters';
unlike $log, qr/^X: y/m, 'and makes no line of its own';
like $log, qr/version 99.*version 3/, 'another version: both are named';

# --- an impostor of another user ---
undef $peer;
undef $listener;
SKIP: {
    skip 'only root can be another user', 2 if $> != 0;
    unlink $t->link_path;
    mkdir $t->dir('open');
    chmod 0777, $t->dir('open');
    my $theirs = $t->dir('open/link.sock');
    pipe(my $reader, my $writer) or die;
    my $child = fork // die;
    if ($child == 0) {
        as_nobody(sub {
            my $impostor = Gatehouse::LinkPeer->listen($theirs);
            print {$writer} "$$\n";
            close $writer;
            $impostor->accept(60);
        });
        POSIX::_exit(0);
    }
    close $writer;
    chomp(my $nobody = readline $reader);
    # The file's owner may be anybody the operator chose; an impostor is who is not its owner.
    chown 0, 0, $theirs;
    symlink $theirs, $t->link_path;
    wait_for(sub { $t->log_text('error.log') =~ /user id 65534/ }, 10, 'a refusal of the impostor');
    pass 'a worker does not talk to a process of a stranger';
    is $t->get('/a')->{body}, $body, 'and serves on';
    kill 'KILL', $nobody, $child;
    waitpid $child, 0;
}

$t->done;
