#!/usr/bin/perl
# gate_headers and gate_header over levels: merged by name, replaced presets, off; and nginx -t with what it refuses.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module is not built' if !$t->built('module');
my $conf = $t->dir('nginx.conf');

# The line with "#!" must be named.
sub refused ($http, $message) {
    $t->nginx_conf($http);
    my ($status, $output) = $t->nginx_test;
    my @lines = split /\n/, read_file($conf);
    my ($line) = grep { $lines[$_ - 1] =~ /#!/ } 1 .. @lines;
    is $status, 1, $http =~ s/\s*#!.*//r;
    like $output, qr/\[emerg\] .*\Q$message\E.* in \Q$conf\E:$line\n/, 'in words, at the line' or diag $output;
    return;
}

refused("$_->[0] #!", $_->[1]) for (
    ['gate_headers on;', 'invalid value "on" in "gate_headers" directive, it must be "strict", "dashboard", "embed" or "off"'],
    ['gate_headers strict; gate_headers strict;', '"gate_headers" directive is duplicate'], ['gate_headers;', 'invalid number of arguments'],
    ['gate_headers strict embed;', 'invalid number of arguments'], ['gate_header X-A;', 'invalid number of arguments'],
    ['gate_header X-A 1 2;', 'invalid number of arguments'], ['gate_header X-A 1; gate_header x-a 2;', '"gate_header x-a" stands here twice'],
    ['gate_header X-A off; gate_header X-A 2;', 'stands here twice'], ['gate_header "X A" 1;', '"X A" in "gate_header" is no name'],
    ['gate_header X-A: 1;', 'is no name'], ['gate_header "" 1;', 'is no name'], ['gate_header X-$arg_a 1;', 'is no name of a field'],
    ['gate_header X-A "";', 'it must be text of one line, or "off"'], ["gate_header X-A 'a\x01b';", 'it must be text of one line'],
    map { ["gate_header $_ 1;", "\"gate_header\" cannot set \"$_\""] } qw(Content-Length content-type Transfer-Encoding Connection Date ETag Location Set-Cookie),
);
$t->nginx_conf("gate_header X-A 'a\nb';");
my ($status, $output) = $t->nginx_test;
like "$status $output", qr/^1 .*it must be text of one line/s, 'a line break in a value';

$t->nginx_conf(<<'END');
gate_headers dashboard;
gate_header X-Http http;
gate_header X-Both http;
server {
    listen 127.0.0.1:%%PORT%%;
    location /http { return 200; }
    location /names { gate_header x-both location; gate_header X-Here location; return 200; }
    location /preset { gate_headers strict; return 200; }
    location /none { gate_headers off; return 200; }
    location /nothing { gate_headers off; gate_header X-Http off; gate_header X-Both off; return 200; }
    location /over { gate_header X-Frame-Options off; gate_header Content-Security-Policy "frame-ancestors https://portal.example";
        location /over/in { gate_headers strict; return 200; }
        location /over/back { gate_header X-Frame-Options DENY; return 200; }
        return 200; }
}
server {
    listen 127.0.0.1:%%PORT1%%;
    gate_header X-Both server;
    location / { return 200; }
    location /in { gate_headers embed; return 200; }
}
END
$t->start_nginx;

sub fields ($path, $port = 0) {
    my $header = $t->http($port)->get($path)->{header};
    return join ' ', map { $header->{$_} // '-' } qw(x-frame-options x-http x-both x-here);
}
is fields('/http'), 'SAMEORIGIN http http -', 'inherited';
is fields('/names'), 'SAMEORIGIN http location location', 'an inner one replaces its own name alone, in whatever case';
is fields('/preset'), 'DENY http http -', 'an inner preset leaves names alone';
is fields('/none'), '- http http -', 'also "off"';
is fields('/nothing'), '- - - -', 'a name off';
is fields('/over'), '- http http -', 'a name of the preset off';
is fields('/over/in'), '- http http -', 'which a preset further in does not bring back';
is fields('/over/back'), 'DENY http http -', 'but a name does';
is $t->get('/over/in')->{header}{'content-security-policy'}, 'frame-ancestors https://portal.example', 'a value of its own for a name of the preset';
is fields('/', 1), 'SAMEORIGIN http server -', 'of a server';
is fields('/in', 1), '- http server -', 'and its location';
$t->done;
