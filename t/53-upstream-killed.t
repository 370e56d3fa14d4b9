#!/usr/bin/perl
# Workers killed -9 while they turn the peers of a large upstream, and tell of them: the others go on, and so do reloads.

use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::UpstreamsTable qw(upstreams_table);
use Time::HiRes ();

my $kills = $ENV{GATEHOUSE_KILLS} // 30;
my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');

# In their slow starts they are taken out, or put back, ten times a second.
my @name = map { join('.', 127, 9, int $_ / 250, 1 + $_ % 250) . ':1' } 0 .. 2999;
$t->nginx_conf("upstream many { zone many 16m; gate_check uri=/health slow_start=80000s;\n"
    . join('', map { "    server $_;\n" } @name) . <<'END');
}
server {
    listen 127.0.0.1:%%PORT%%;
    location = /other { return 200 "here"; }
    location = /upstreams { gate_upstreams; }
    location = /metrics { gate_metrics; }
}
END
my $publisher = $t->start_publisher;
$t->start_nginx;
my $since = int((Time::HiRes::time() - 40_000) * 1000);
$publisher->table('upstreams', upstreams_table(['many', $name[0], 'up'], map { ['many', $_, 'up', 1, $since] } @name[1 .. 2999]));
my $turned = sub ($answer) { $answer->{body} =~ /"in":true/ && $answer->{body} =~ /"in":false/ };
$t->wait_for_answer('/upstreams', $turned, 30);

my $readers = $t->load(paths => ['/upstreams', '/metrics'], clients => 2);
my $answered = 0;
for my $kill (1 .. $kills) {
    last if !eval { $t->kill_worker(($t->nginx_workers)[$kill % 2]) };
    last if !eval { $t->wait_for_answer('/other', 200, 20) };
    ++$answered;
}
is $answered, $kills, "after each of $kills kills an unrelated location answers";
$readers->stop;
ok eval { $t->wait_for_answer('/upstreams', $turned, 20) }, 'the peers take their turns still';
ok eval { $t->reload_nginx; 1 }, 'nginx reloads its configuration';
ok eval { $t->wait_for_answer('/other', 200, 20) }, 'and answers';

$t->done;
