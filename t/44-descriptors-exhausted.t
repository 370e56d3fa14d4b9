#!/usr/bin/perl
# A worker that may open no more files keeps what it has, says so, and catches up once it may again.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

$t->write_rows(1);
$t->scene_config(max_age => '60s');
$t->start_sidecar;
$t->scene_nginx(main => 'worker_rlimit_nofile 32;');
$t->start_nginx;
$t->wait_in_step;
my ($worker) = $t->nginx_workers;
my $kept = $t->http(0, keepalive => 1);
is $kept->get('/api/rows')->{status}, 200, 'a connection that was there before';

# Connections that say nothing take every descriptor that is left.
my @idle = map { $t->http->connect } 1 .. 40;
wait_for(sub { Gatehouse::Process::descriptor_count($worker) >= 32 }, 10, 'full table');
$t->write_rows(2);
wait_for(sub { $t->log_text('error.log') =~ /no room for the descriptors/ }, 10, 'word of it');
pass 'the log says that the worker may open no more files';
my $response = $kept->get('/api/rows');
is $response->{status}, 200, 'it serves on';
is Gatehouse::Scene::generation_of($response), 1, 'what it has';

@idle = ();
my $next = $t->wait_for_generation(2);
ok $next, 'with descriptors to spare it catches up';
is +($t->nginx_workers)[0], $worker, 'the same worker';

$t->done;
