#!/usr/bin/perl
# Whom a worker believes, a single process without a master, and helpers that do not connect.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Process;

subtest 'master_process off' => sub {
    my $t = Gatehouse->new(master => 0);
    plan skip_all => 'module or publisher is not built' if !$t->built('module', 'publisher');
    my $publisher = $t->start_publisher;
    $publisher->card('c', '/c', json => '1');
    $t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location / { gate_board on; } }');
    $t->start_nginx;
    is $t->get('/c')->{body}, '1', 'serves';
    $publisher->card('c', '/c', json => '2');
    is $t->wait_for_answer('/c', sub ($r) { $r->{body} eq '2' })->{status}, 200, 'follows';
    is $t->stop_nginx, 'exit 0', 'ends';
    $publisher->stop;
    $t->stop;
    $t->check_logs;
    $t->{done} = 1;
};

my $t = Gatehouse->new(workers => 1);
plan skip_all => 'module or publisher is not built' if !$t->built('module', 'publisher');
my $publisher = $t->start_publisher;
$publisher->card('c', '/c', json => '1');
$t->nginx_conf(<<'END');
proxy_cache_path %%DIR%%/cache keys_zone=z:1m;
server { listen 127.0.0.1:%%PORT%%; location / { gate_board on; proxy_cache z; proxy_pass http://127.0.0.1:1; } }
END
$t->start_nginx;
$t->wait_for_answer('/c');
my @hello = $publisher->events('hello');
is scalar(@hello), 1, 'the cache manager and the loader do not connect';
my ($worker) = $t->nginx_workers;
my $connect_again = sub {
    $publisher->command('close');
    $publisher->wait_for_event(qr/^hello/);
    return 1;
};
$connect_again->();
my $sockets = sub { scalar grep { /^socket:/ } map { readlink($_) // () } glob "/proc/$worker/fd/*" };
my $once = $sockets->();
$connect_again->() for 1 .. 3;
ok wait_for(sub { $sockets->() <= $once }, 10, 'no more sockets'), 'lost connections leave no descriptor behind';

SKIP: {
    skip 'needs root', 2 if $> != 0;
    my $nobody = getpwnam 'nobody';
    my $other = getpwnam 'daemon';
    $publisher->stop;
    unlink $t->link_path;
    chmod 0777, $t->dir;
    local $> = $nobody;
    my $stranger = $t->start_publisher;
    $> = 0;
    $stranger->card('c', '/c', json => 'of a stranger');
    chown $other, -1, $t->link_path;
    my $log = sub { $t->log_text('error.log') };
    wait_for(sub { $log->() =~ /a process of the user id $nobody listens there/ }, 10, 'the refusal');
    is $t->get('/c')->{body}, '1', 'a sidecar of a stranger is not believed';
    chown $nobody, -1, $t->link_path;
    is $t->wait_for_answer('/c', sub ($r) { $r->{body} eq 'of a stranger' })->{status}, 200, "the socket's owner is";
    $stranger->stop('KILL');
}

$t->done;
