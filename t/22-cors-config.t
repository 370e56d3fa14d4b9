#!/usr/bin/perl
# nginx -t over gate_cors: what is refused, in which words, at which line; what is inherited.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
plan skip_all => 'module is not built' if !$t->built('module');
my $conf = $t->dir('nginx.conf');

sub check ($http) {
    $t->nginx_conf($http);
    return $t->nginx_test;
}

# The line with "#!" must be named.
sub refused ($http, $message) {
    my ($status, $output) = check($http);
    my @lines = split /\n/, read_file($conf);
    my ($line) = grep { $lines[$_ - 1] =~ /#!/ } 1 .. @lines;
    is $status, 1, $http =~ s/\s*#!.*//r;
    like $output, qr/\[emerg\] .*\Q$message\E.* in \Q$conf\E:$line\n/, 'in words, at the line' or diag $output;
    return;
}

my $origin = 'origin=https://a.example';
refused("gate_cors $_->[0]; #!", $_->[1]) for (
    ['credentials', '"gate_cors" must have origin=LIST, or be "off"'], ['methods=GET', 'must have origin=LIST'],
    ['origin=', 'invalid parameter "origin=" in "gate_cors": an origin is missing'], ["$origin,", 'an origin is missing'], ['origin=,', 'an origin is missing'],
    ["$origin origin=https://b.example", 'invalid parameter "origin=https://b.example" in "gate_cors": it stands there twice'],
    ["$origin methods=GET methods=PUT", 'it stands there twice'], ["$origin credentials credentials", 'it stands there twice'],
    ["$origin off", 'invalid parameter "off" in "gate_cors": known are'], ["$origin credential", 'invalid parameter "credential"'],
    ["$origin header=X", 'invalid parameter "header=X"'], ["https://a.example", 'known are origin='], ["$origin credentials=on", 'known are'],
    ['origin=a.example', 'an origin begins with its scheme, as in "https://a.example"'], ['origin=https://a.example/', 'an origin has no path, write "https://a.example"'],
    ['origin=https://a.example,https://b.example/x', 'write "https://b.example"'], ['origin=https://*.com', '"*.com" has everybody in it'],
    ['origin=https://*', 'stands for the first label'], ['origin=https://a.*.example', 'stands for the first label'], ['origin=https://a:0', 'a port is'],
    ['origin=$allowed', 'an origin begins with its scheme'], ['origin=https://', 'is no host name'], ['origin=NULL', 'an origin begins with its scheme'],
    ['origin=* credentials', 'origin=* and credentials: any site could act for whoever visits it; name the origins, or leave credentials out'],
    ['credentials origin=https://a.example,*', 'origin=* and credentials'], ['origin=null credentials', 'origin=null and credentials'],
    ["$origin credentials expose=*", 'expose=* and credentials'], ["$origin methods=", '"" is no name'], ["$origin methods=GET,,PUT", '"" is no name'],
    ["$origin methods=G(T", '"G(T" is no name'], ["$origin headers=X:", '"X:" is no name'], ["$origin 'headers=X Y'", '"X Y" is no name'],
    ["$origin headers=X,*", '"*" stands for all names, and alone'], ["$origin max_age=", 'a time in whole seconds'],
    ["$origin max_age=-1", 'a time in whole seconds'], ["$origin max_age=1.5s", 'a time in whole seconds'], ["$origin max_age=500ms", 'a time in whole seconds'],
    ["$origin; gate_cors off", '"gate_cors" directive is duplicate'], ['off; gate_cors off', 'is duplicate'],
);
refused("gate_cors; #!", 'invalid number of arguments');

my ($status, $output) = check(<<'END');
gate_cors origin=*;
server {
    gate_cors off;
    location /a { gate_cors origin=https://a.example,http://localhost:3000 credentials methods=* headers=* expose=X-A,X-B max_age=1d; }
    location /b { gate_cors origin="https://a.example, https://*.b.example"
        methods="GET, PUT; PATCH" ; }
}
END
is $status, 1, 'a semicolon is no comma';
like $output, qr/"PUT; PATCH" is no name in \Q$conf\E:\d+/;

$t->nginx_conf(<<'END');
gate_cors origin=https://http.example;
server {
    listen 127.0.0.1:%%PORT%%;
    location /http { return 200; }
    location /own { gate_cors origin="https://own.example, https://two.example" methods="PUT, DELETE"
            'headers=X-A, X-B' ;
        location /own/in { return 200; }
        location /own/off { gate_cors off; location /own/off/in { return 200; } return 200; } }
}
END
$t->start_nginx;
sub allowed ($path, $origin) { return $t->get($path, Origin => "https://$origin.example")->{header}{'access-control-allow-origin'} // 'none' }
is allowed('/http', 'http'), 'https://http.example', 'from the http level';
is allowed('/own/in', $_), "https://$_.example", "a list in quotes: $_" for 'own', 'two';
is allowed('/own/in', 'http'), 'none', 'an inner one replaces an outer one whole';
is allowed($_, 'own'), 'none', "off: $_" for '/own/off', '/own/off/in';
ok !defined $t->get('/own/off')->{header}{vary}, 'without Vary';
$t->done;
