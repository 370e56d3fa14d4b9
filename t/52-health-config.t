#!/usr/bin/perl
# gate_health in nginx -t: what is refused, and in which words.

use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
plan skip_all => 'module is not built' if !$t->built('module');

my $question = 'it must be "live", "ready", "status", "detailed" or "extended"';
for my $wrong (
    ['location /h { gate_health; }', 'invalid number of arguments in "gate_health" directive'],
    ['location /h { gate_health alive; }', qq(invalid value "alive" in "gate_health" directive, $question)],
    ['location /h { gate_health profile=flask; }', qq(invalid value "profile=flask" in "gate_health" directive, $question)],
    ['location /h { gate_health ready; gate_health live; }', '"gate_health" directive is duplicate'],
    ['location /h { gate_health ready profile=; }', 'invalid parameter "profile=" in "gate_health": a profile\'s name has letters, digits, "_", "-", "." and "+"'],
    ['location /h { gate_health ready profile=$arg_p; }', 'invalid parameter "profile=$arg_p" in "gate_health": a profile\'s name has'],
    ['location /h { gate_health ready profile=a profile=b; }', 'duplicate parameter "profile=b" in "gate_health"'],
    ['location /h { gate_health ready nonsense; }', 'invalid parameter "nonsense" in "gate_health": it must be profile=NAME or details=VALUE'],
    ['location /h { gate_health ready details=$gate_user; }', 'invalid parameter "details=$gate_user" in "gate_health": only "detailed" and "extended" have details'],
    ['location /h { gate_health detailed details=; }', 'invalid parameter "details=" in "gate_health": it must be details=VALUE, such as details=$gate_user'],
    ['location /h { gate_health detailed details=$no_such_variable; }', 'unknown "no_such_variable" variable'],
    ['location /h { gate_health ready; gate_metrics; }', '"gate_metrics" stands beside another directive that answers, such as "proxy_pass": give it a location of its own'],
    ['location /h { gate_health ready; proxy_pass http://127.0.0.1:1; }', '"gate_health" stands beside another directive that answers, such as "proxy_pass": give it a location of its own'],
    ['gate_health ready;', '"gate_health" directive is not allowed here'],
) {
    $t->nginx_conf("server { $wrong->[0] }");
    my ($status, $output) = $t->nginx_test;
    is $status, 1, $wrong->[0];
    like $output, qr/\[emerg\] .*\Q$wrong->[1]\E/, 'is refused in words';
}

$t->nginx_conf('server { location /h { gate_health extended profile=health+json details=$gate_user; } location /i { gate_health live details=0; } }');
is +($t->nginx_test)[0], 1, 'details of live are none, constant or not';
$t->nginx_conf('server { location /h { gate_health extended profile=health+json details=$gate_user; } location /i { gate_health detailed details=1; } }');
my ($status, $output) = $t->nginx_test;
is $status, 0, 'all of it at once is taken' or diag $output;

$t->done;
