#!/usr/bin/perl
# gate_check in nginx -t: what is refused, and in which words.

use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
plan skip_all => 'module is not built' if !$t->built('module');

my $zone = 'zone a 64k; server 127.0.0.1:1;';
for my $wrong (
    ["upstream a { $zone gate_check; }", 'invalid number of arguments in "gate_check" directive'],
    ["upstream a { $zone gate_check interval=5s; }", '"gate_check" needs the path to ask for, such as uri=/health'],
    ["upstream a { $zone gate_check uri=health; }", 'invalid parameter "uri=health" in "gate_check": it must be a path such as uri=/health'],
    ["upstream a { $zone gate_check uri=/a#b; }", 'invalid parameter "uri=/a#b" in "gate_check": it must be a path'],
    ["upstream a { $zone gate_check 'uri=/a b'; }", 'invalid parameter "uri=/a b" in "gate_check": it must be a path'],
    ["upstream a { $zone gate_check uri=/h interval=0; }", 'invalid parameter "interval=0" in "gate_check": it must be a time from 10ms to 1d, such as 5s'],
    ["upstream a { $zone gate_check uri=/h timeout=soon; }", 'invalid parameter "timeout=soon" in "gate_check": it must be a time'],
    ["upstream a { $zone gate_check uri=/h fails=0; }", 'invalid parameter "fails=0" in "gate_check": it must be a number from 1 to 1000'],
    ["upstream a { $zone gate_check uri=/h passes=2x; }", 'invalid parameter "passes=2x" in "gate_check": it must be a number'],
    ["upstream a { $zone gate_check uri=/h status=ok; }", 'invalid parameter "status=ok" in "gate_check": it must be statuses such as status=200-399'],
    ["upstream a { $zone gate_check uri=/h slow_start=x; }", 'invalid parameter "slow_start=x" in "gate_check": it must be a time'],
    ["upstream a { $zone gate_check uri=/h rise=2; }", 'invalid parameter "rise=2" in "gate_check": it must be uri=PATH, interval=TIME, timeout=TIME, fails=N, passes=N, status=LIST, slow_start=TIME or critical'],
    ["upstream a { $zone gate_check uri=/h uri=/i; }", 'duplicate parameter "uri=/i" in "gate_check"'],
    ["upstream a { $zone gate_check uri=/h; gate_check uri=/h; }", '"gate_check" directive is duplicate'],
    ['upstream a { server 127.0.0.1:1; gate_check uri=/h; }', '"gate_check" needs memory that all workers share: add "zone a 64k;" to upstream "a"'],
    ['server { gate_check uri=/h; }', '"gate_check" directive is not allowed here'],
    ['server { location /u { gate_upstreams; proxy_pass http://127.0.0.1:1; } }', '"gate_upstreams" stands beside another directive that answers'],
) {
    $t->nginx_conf($wrong->[0]);
    my ($status, $output) = $t->nginx_test;
    is $status, 1, $wrong->[0];
    like $output, qr/\[emerg\] .*\Q$wrong->[1]\E/, 'is refused in words';
}
$t->nginx_conf("upstream a { gate_check uri=/h?x=1 interval=500ms timeout=1s fails=1 passes=1 status=200,204,300-399 slow_start=0 critical; $zone }");
my ($status, $output) = $t->nginx_test;
is $status, 0, 'all of it at once is taken, before the zone, too' or diag $output;

$t->done;
