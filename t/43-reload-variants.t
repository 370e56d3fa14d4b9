#!/usr/bin/perl
# Thousands of variants: nginx is reloaded under load and no request fails, be it a hit or computed; what each costs a worker.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $count = 3000;
my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my $publisher = $t->start_publisher;
$publisher->command('tell', 'off');
$publisher->paths(['run', '/api/runs/{id}', 'q']);
my $body = $t->write_file('body.json', '{"generation":1}');
$publisher->command('variants', 'run', '/api/runs/', 1, $count, "json=$body");
$t->nginx_conf(<<'END');
server {
    listen 127.0.0.1:%%PORT%%;
    location / { gate_board on; gate_compute @c; }
    location @c { default_type application/json; return 200 '{"generation":1}'; }
}
END
$t->start_nginx;
wait_for(sub { ($t->get("/api/runs/$count")->{header}{'cache-status'} // '') =~ /; hit/ }, 20, 'the variants') for 1 .. 10;

my ($worker) = $t->nginx_workers;
cmp_ok Gatehouse::Process::descriptor_count($worker), '<', 100, "$count variants hold no descriptors";

my @loads = map { $t->load(paths => [map { "/api/runs/$_" } 1, 1500, $count], clients => 1, keepalive => $_) } 0, 1;
$t->reload_nginx for 1 .. 5;
$t->load_ok($_->stop, '5 reloads') for @loads;
my sub is_hit ($id) { return ($t->get("/api/runs/$id")->{header}{'cache-status'} // '') =~ /; hit/ }
wait_for(sub { !grep { !is_hit(int($_ * $count / 100) || 1) } 0 .. 100 }, 60, 'all variants in all workers') for 1 .. 2;

# Published over and over, and retracted: memory is flat.
my $churn = sub {
    $publisher->command('variants', 'run', '/api/runs/x', 1, 500, "json=$body");
    $publisher->command('retract', "run /api/runs/x$_") for 1 .. 500;
    $publisher->card('mark', '/mark', json => '"' . ++$main::mark . '"');
    wait_for(sub { ($t->get('/mark')->{body} // '') eq qq("$main::mark") }, 20, 'the worker to come after') for 1 .. 10;
};
my ($memory) = $t->nginx_workers;
$churn->() for 1 .. 3;
my $before = Gatehouse::Process::memory_kib($memory);
$churn->() for 1 .. 10;
my $after = Gatehouse::Process::memory_kib($memory);
cmp_ok $after, '<', $before + ($t->sanitizer ? 1 << 18 : 1024), "a worker's memory: $before KiB, then $after KiB";
cmp_ok Gatehouse::Process::descriptor_count($memory), '<', 100, 'and its descriptors';

$t->done;
