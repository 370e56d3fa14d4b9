#!/usr/bin/perl
# nginx -t over the directives of caps; and what a reload may not change in a running zone.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
plan skip_all => 'module is not built' if !$t->built('module');

my $zone = 'gate_conn_zone $remote_addr zone=z:64k; ';
for (
    ['gate_conn_zone $remote_addr; #!', 'invalid number of arguments in "gate_conn_zone" directive'],
    ['gate_conn_zone $remote_addr z:64k; #!', 'invalid parameter "z:64k" in "gate_conn_zone": it must be zone=NAME:SIZE'],
    ['gate_conn_zone $remote_addr zone=z; #!', 'invalid parameter "zone=z" in "gate_conn_zone": it must be zone=NAME:SIZE'],
    ['gate_conn_zone $remote_addr zone=:64k; #!', 'invalid parameter "zone=:64k" .*a name has 1 to 64 letters.*'],
    [q{gate_conn_zone $remote_addr 'zone=a"b:64k'; #!}, 'invalid parameter "zone=a"b:64k" .*a name has 1 to 64 letters.*'],
    ['gate_conn_zone $remote_addr zone=z:63k; #!', 'invalid parameter "zone=z:63k" .*the size must be at least 64k, such as "1m"'],
    ['gate_conn_zone $remote_addr zone=z:big; #!', 'invalid parameter "zone=z:big" .*the size must be at least 64k.*'],
    ['gate_conn_zone "" zone=z:64k; #!', 'invalid value "" in "gate_conn_zone" directive, it must be a key.*'],
    ['gate_conn_zone $remote_addr zone=z:99999999g; #!', 'invalid parameter "zone=z:99999999g" .*the size is more than this machine has, \d+m'],
    ["$zone $zone #!", 'cap zone "z" is defined twice'],
    ["server { $zone } #!", '"gate_conn_zone" directive is not allowed here'],
    ['server { gate_conn zone=none 1; } #!', 'there is no "gate_conn_zone" with zone=none'],
    ["$zone server { gate_conn zone=z; } #!", '"gate_conn" must have zone=NAME and a number'],
    ["$zone server { gate_conn 5; } #!", '"gate_conn" must have zone=NAME and a number'],
    map({ ["$zone server { gate_conn zone=z $_; } #!", "invalid parameter \"$_\" in \"gate_conn\": expected is zone=NAME, one number from 1 to \\d+, or class="] }
        '0', '-1', '1.5', '999999999999', '1e3', 'many', 'burst=5'),
    ["$zone server { gate_conn zone=z zone=y 1; } #!", 'duplicate parameter "zone=y" in "gate_conn"'],
    ["$zone server { gate_conn zone=z 1 1; } #!", 'duplicate parameter "1" in "gate_conn"'],
    ["$zone server { gate_conn zone=z class=sse class=any; } #!", 'duplicate parameter "class=any" in "gate_conn"'],
    ["$zone server { gate_conn zone=z 1 2; } #!", 'invalid parameter "2" in "gate_conn": .*'],
    ["$zone server { gate_conn zone=z 1 class=ftp; } #!", 'invalid parameter "class=ftp" in "gate_conn": it must be class=any, http, websocket or sse'],
    ["$zone server { gate_conn zone=z 1; gate_conn zone=z 2; } #!", 'cap zone "z" is used twice here for the same class'],
    ["$zone server { gate_conn zone=z 1; gate_conn off; } #!", '"gate_conn off" stands beside another "gate_conn"'],
    ["$zone server { gate_conn off; gate_conn zone=z 1; } #!", '"gate_conn off" stands beside another "gate_conn"'],
    map({ ["gate_conn_status $_; #!", 'value must be .*'] } 399, 494, 499, 600),
    ['gate_conn_status many; #!', 'invalid number'],
    ['gate_conn_log_level loud; #!', 'invalid value "loud"'],
    ['gate_conn_dry_run maybe; #!', 'invalid value "maybe" in "gate_conn_dry_run" directive, it must be "on" or "off"'],
    ['gate_conn_status 429; gate_conn_status 429; #!', '"gate_conn_status" directive is duplicate'],
) {
    my ($http, $message) = @$_;
    $t->nginx_conf($http);
    my @lines = split /\n/, read_file($t->dir('nginx.conf'));
    my ($line) = grep { $lines[$_ - 1] =~ /#!/ } 1 .. @lines;
    my ($status, $output) = $t->nginx_test;
    my $file = $t->dir('nginx.conf');
    is $status, 1, $http =~ s/\s*#!//r;
    like $output, qr/\[emerg\] .*$message in \Q$file\E:$line\n/, 'in words, at the line';
}

$t->nginx_conf(<<'END');
server { gate_conn zone=later 10; gate_conn zone=later 2 class=websocket; gate_conn_status 503; gate_conn_log_level info;
         gate_conn_dry_run on; location / { gate_conn zone=later 1 class=any; } location /x { gate_conn off; } }
gate_conn_zone $binary_remote_addr$host zone=later:10m;
END
my ($status, $output) = $t->nginx_test;
is $status, 0, 'every directive at every level, a zone after its use' or diag $output;

# --- a running zone ---
my $conf = sub ($key, $size) {
    $t->nginx_conf("gate_conn_zone $key zone=z:$size;\nserver { listen 127.0.0.1:%%PORT%%; gate_conn zone=z 5; location / { return 200; } }");
};
$conf->('$remote_addr', '64k');
$t->start_nginx;
for (['$remote_addr$uri', '64k', 'key "$remote_addr$uri", but the running one has "$remote_addr"'],
    ['$remote_addr', '128k', 'size "131072", but the running one has "65536"']) {
    my ($key, $size, $message) = @$_;
    $conf->($key, $size);
    my $since = $t->log_end;
    my @workers = $t->nginx_workers;
    kill 'HUP', $t->nginx_pid;
    wait_for(sub { substr($t->log_text('error.log'), $since) =~ /\[emerg\].*/ && $& }, 10, 'refusal');
    like substr($t->log_text('error.log'), $since), qr/cap zone "z" has the \Q$message\E: give the zone another name, or restart nginx in \Q@{[$t->dir('nginx.conf')]}\E:\d+\n/, 'refused';
    is_deeply [$t->nginx_workers], \@workers, 'the old configuration goes on';
    is $t->get('/')->{status}, 200;
}
$conf->('$remote_addr', '64k');
$t->reload_nginx;
is $t->get('/')->{status}, 200, 'the same again is fine';

my $log = $t->dir('logs/error.log');
my $text = read_file($log) =~ s/\[emerg\]([^\n]*cap zone "z")/[expected]$1/gr;
$t->write_file('logs/error.log', $text);
$t->done;
