#!/usr/bin/perl
# nginx is upgraded on the fly (USR2, WINCH, QUIT) under load: no request fails, the new one has every card.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $t = Gatehouse->new(workers => 2, daemon => 1);  # who is no daemon ignores USR2
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

$t->write_rows(1);
$t->scene_config(max_age => '30s');
$t->start_sidecar;
$t->scene_nginx;
$t->start_nginx;
$t->wait_in_step;
my $old = $t->nginx_pid;
# Both kinds: kept connections stay with the old workers until they are told to go.
my @loads = map { $t->load(paths => ['/api/rows', '/api/count'], clients => 1, keepalive => $_) } 0, 1;

kill 'USR2', $old;
my $new = wait_for(sub {
    my ($pid) = (read_file($t->dir('nginx.pid')) // '') =~ /^(\d+)$/;
    $pid && $pid != $old && Gatehouse::Process::children($pid) >= 2 && $pid;
}, 10, 'a second master');
ok $new, 'there are two masters';
kill 'WINCH', $old;
wait_for(sub { !grep { Gatehouse::Process::command_line($_) =~ /worker process$|worker process / } old_workers() }, 10,
    'end of the old workers');
$t->write_rows(2);
wait_for(sub { 2 == Gatehouse::Scene::generation_of($t->get('/api/rows')) }, 10, 'a publish to the new workers');
pass 'the new workers hear of a publish';
kill 'QUIT', $old;
is $t->{nginx}->wait(10), 'exit 0', 'the old nginx ends';
$t->adopt_nginx($new);
for (1 .. 20) {
    my $response = $t->get('/api/rows');
    next if $response->{status} == 200 && Gatehouse::Scene::generation_of($response) == 2;
    fail "the new nginx answers $response->{status}";
}
$t->reload_nginx;
my ($fresh, $kept) = map { $_->stop } @loads;
$t->load_ok($fresh, 'an upgrade and a reload, a connection for each request');
$t->load_ok($kept, 'an upgrade and a reload, kept connections');

$t->done;

sub old_workers { return grep { $_ != $new } Gatehouse::Process::children($old) }
