#!/usr/bin/perl
# nginx -t over the directives: what is refused, in which words, at which line; and that it touches nothing.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
plan skip_all => 'module is not built' if !$t->built('module');

# The http block's first own line is this line of nginx.conf.
my $refused = sub ($http, $message) {
    $t->nginx_conf($http);
    my ($line) = grep { $_ } map { $_->[1] =~ /\S/ && $_->[1] =~ /#!/ ? $_->[0] : () }
        do { my $n = 0; map { [++$n, $_] } split /\n/, read_file($t->dir('nginx.conf')) };
    my ($status, $output) = $t->nginx_test;
    my $name = $http =~ s/\s*#!//r;
    is $status, 1, "$name: refused";
    my $file = $t->dir('nginx.conf');
    like $output, qr/\[emerg\] .*$message in \Q$file\E:$line\n/, 'in words, at the line';
};

$refused->(@$_) for (
    ['gate_link ""; #!', 'invalid value "" in "gate_link" directive, it must be a path or "off"'],
    ['gate_link a; gate_link b; #!', '"gate_link" directive is duplicate'],
    ['gate_link a b; #!', 'invalid number of arguments in "gate_link" directive'],
    ['gate_link /' . 'x' x 200 . '; #!', 'link socket "/x+": a socket\'s path has 1 to 107 bytes'],
    ['gate_link unix:/run/link.sock; #!', 'invalid value "unix:/run/link.sock" in "gate_link" directive, it must be the path alone, without "unix:"'],
    ['gate_link_timeout never; #!', 'invalid value "never" in "gate_link_timeout" directive, it must be a time of more than 1s.*'],
    ['gate_link_timeout 1s; #!', 'invalid value "1s" in "gate_link_timeout" directive, it must be .*'],
    ['gate_link_timeout 2s; gate_link_timeout 3s; #!', '"gate_link_timeout" directive is duplicate'],
    ['gate_board_file a; gate_board_file off; #!', '"gate_board_file" directive is duplicate'],
    ['gate_board maybe; #!', 'invalid value "maybe" in "gate_board" directive, it must be "on" or "off"'],
    ['gate_board on; gate_board off; #!', '"gate_board" directive is duplicate'],
    ['gate_board_stale 1parsec; #!', 'invalid value "1parsec" in "gate_board_stale" directive, it must be a time such as "10m", or "off"'],
    ['gate_board_stale -1; #!', 'invalid value "-1" in "gate_board_stale" directive, .*'],
    ['gate_board_stale 1h; gate_board_stale off; #!', '"gate_board_stale" directive is duplicate'],
    ['gate_compute compute; #!', 'invalid value "compute" in "gate_compute" directive, it must be a named location such as "@compute", or "off"'],
    ['gate_compute @; #!', 'invalid value "@" in "gate_compute" directive, .*'],
    ['gate_compute @a @b; #!', 'invalid number of arguments in "gate_compute" directive'],
    ['gate_compute off; gate_compute @a; #!', '"gate_compute" directive is duplicate'],
    ["server { server_name s; location / { gate_board on;\ngate_compute \@a; #!\n} }",
        '"gate_compute" leads to "@a", but server "s", where "gate_board" is on, has no "location @a"'],
    ["gate_compute \@a; #!\n server { gate_board on; location \@a { } } server { server_name s; location / { gate_board on; } }", '"gate_compute" leads to "@a", but server "s", .*'],
    ['gate_route ""; #!', 'invalid value "" in "gate_route" directive, it must be a name of 1 to 256 bytes'],
    ['gate_route $uri; #!', 'invalid value "\$uri" in "gate_route" directive, it must be a name without variables.*'],
    ['gate_route a-$host; #!', 'invalid value "a-\$host" in "gate_route" directive, .*'],
    map({ ["server { location / { $_ #!\n} }", '"gate_metrics" stands beside another directive that answers, such as "proxy_pass": give it a location of its own'] }
        'gate_metrics; proxy_pass http://127.0.0.1:9;', 'proxy_pass http://127.0.0.1:9; gate_metrics;', 'gate_metrics; empty_gif;', 'stub_status; gate_metrics json;'),
    ['server { location / { gate_metrics; gate_metrics; } } #!', '"gate_metrics" directive is duplicate'],
    ['gate_route a; gate_route b; #!', '"gate_route" directive is duplicate'],
    ['server { location / { gate_link x; } } #!', '"gate_link" directive is not allowed here'],
    ['server { gate_board_file x; } #!', '"gate_board_file" directive is not allowed here'],
);

$t->nginx_conf('server { ' . join(' ', map { "location /$_ { gate_route " . 'r' x 250 . "$_; }" } 100 .. 400) . ' }');
like +($t->nginx_test)[1], qr/\[emerg\] .*the names of all "gate_route" are too long/, 'routes that fit into no hello';

$t->nginx_conf(<<'END');
gate_link relative.sock; gate_link_timeout 10s; gate_board_file relative.board;
gate_board on; gate_board_stale 2h; gate_route all; gate_compute @c;
server { location @c { } location /c { gate_compute off; } gate_compute @d; gate_board off; location /d { gate_board on; location /d/e { gate_compute @c; } } location @d { } gate_board_stale off; gate_route some; location / { gate_board on; gate_board_stale 5m; gate_route one; } }
END
$t->write_file('relative.board', 'garbage');
my ($status, $output) = $t->nginx_test;
is $status, 0, 'every directive at every level' or diag $output;
unlike $output, qr/gatehouse/, 'nginx -t reads no board file and connects to nothing';

# --- a board that can never hold a card ---
my $warning = sub ($http) {
    $t->nginx_conf($http);
    my ($status, $output) = $t->nginx_test;
    is $status, 0, "$http: accepted" or diag $output;
    return $output =~ /\[warn\] [^"]*(.*)\n/ ? $1 : undef;
};
my $conf = $t->dir('nginx.conf');
like $warning->("gate_link off; gate_board_file off; server { location / {\ngate_board on; } }"),
    qr/^"gate_link" and "gate_board_file" are both "off": nothing can ever be served by "gate_board" in \Q$conf\E:(\d+)$/,
    'a warning';
my ($line) = ($warning->("server { gate_board on; }\ngate_link off; gate_board_file off;") // '') =~ /:(\d+)$/;
like +(split /\n/, read_file($conf))[$line - 1], qr/gate_board on/, 'at the line of the first "gate_board on", in any order';
is $warning->($_), undef, 'none with a source, or without a board' for (
    'gate_board on; gate_link off;', 'gate_board on; gate_board_file off;', 'gate_board on;',
    'gate_link off; gate_board_file off;', 'gate_link off; gate_board_file off; server { gate_board off; }');

$t->done;
