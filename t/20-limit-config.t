#!/usr/bin/perl
# nginx -t over gate_limit_zone, gate_limit and gate_client_prefix: what is refused, in which words, at which line.
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
    is $status, 1, $http =~ s/\s*#!//r =~ s/\s*\n\s*/ /gr;
    like $output, qr/\[emerg\] .*$message.* in \Q$conf\E:$line\n/, 'in words, at the line' or diag $output;
    return;
}

# Filler after which the text of the http block begins at this byte of the file.
sub begins_at ($place) {
    $t->nginx_conf('%%PORT%%');
    my $before = index read_file($conf), $t->port . "\n";
    return '#' . 'x' x ($place - $before - 2) . "\n";
}

my $key = 'gate_limit_zone $gate_client';
my $zone = "$key zone=z:1m";
refused("$zone $_->[0]; #!", $_->[1]) for (
    ['rate=0', '"z": "0" is no rate'], ['rate=0r/s', 'the rate "0r/s" is not between 1 and 1000000'],
    ['rate=-1r/s', '"-1r/s" is no rate'], ['rate=1000000000000000000r/s', 'is not between 1 and'],
    ['rate=1e18r/s', '"1e18r/s" is no rate'], ['rate=99999999999999999999r/s', 'is not between'],
    ['rate=10r/h', 'is no rate'], ['rate=10', 'is no rate'], ['rate=10r/sx', 'is no rate'], ['rate=1.5r/s', 'is no rate'],
    ['rate=', 'invalid parameter "rate=" in "gate_limit_zone": it is empty'], ['quota=', '"quota=".*: it is empty'], ['quota=""', 'it is empty'],
    ['quota=0/minute', 'admits nothing'], ['quota=5/0minutes', 'admits nothing'], ['quota=5/fortnight', 'is no quota'],
    ['quota="5/minute;"', 'is no quota'], ['quota="5/minute; ; 3/hour"', 'is no quota'], ['quota=5', 'is no quota'],
    ['quota=1/21years', 'period of more than 20 years'], ['quota=99999999999999999999/second', 'admits more than'],
    ['quota=1/minute window=leaky', 'unknown window "leaky"'], ['quota=1/minute align=utc', 'align=utc needs window=fixed'],
    ['quota=1/minute full=maybe', 'invalid parameter "full=maybe"'], ['quota=1/minute burst=3', 'invalid parameter "burst=3".* known are'],
    ['quota=1/minute scope=cluster', 'this version has no cluster'], ['rate=1r/s nonsense', 'invalid parameter "nonsense"'],
    ['quota=2000000/minute window=fixed', 'admits more than'],
);
refused("$_->[0] #!", $_->[1]) for (
    ["$zone;", 'invalid number of arguments|limits nothing'], ["$key rate=1r/s quota=1/day;", 'must have zone=NAME:SIZE'],
    ["$key zone=z rate=1r/s;", 'must be zone=NAME:SIZE'], ["$key zone=:1m rate=1r/s;", 'a name has 1 to 64'],
    ["$key zone=a\"b:1m rate=1r/s;", 'invalid parameter "zone=a"b:1m".*a name has'], ["$key 'zone=a b:1m' rate=1r/s;", 'a name has'],
    ["$key zone=" . 'n' x 65 . ':1m rate=1r/s;', 'a name has 1 to 64'], ["$key zone=z:63k rate=1r/s;", 'at least 64k'],
    ["$key zone=z:1x rate=1r/s;", 'at least 64k'], ["$key zone=z:-1m rate=1r/s;", 'at least 64k'], ["$key zone=z: rate=1r/s;", 'at least 64k'],
    ["$key zone=z:99999999g rate=1r/s;", 'the size is more than this machine has, \d+m'], ["$key zone=z:99999999999999999999 rate=1r/s;", 'more than this machine has'],
    ['gate_limit_zone "" zone=z:1m rate=1r/s;', 'invalid value "" in "gate_limit_zone" .*an empty one is never limited'],
    map({ my $twice = $_; ["$key $_;", 'duplicate parameter "' . (split ' ', $twice)[-1] . '" in "gate_limit_zone"'] }
        'zone=z:1m rate=1r/s rate=2r/s', 'zone=z:1m quota=1/day quota=2/day', 'zone=z:1m rate=1r/s zone=y:1m', 'zone=z:1m rate=1r/s file=a file=b',
        'zone=z:1m quota=1/day window=fixed window=gcra', 'zone=z:1m rate=1r/s full=evict full=refuse', 'zone=z:1m rate=1r/s scope=local scope=local'),
    ["$zone rate=1r/s; $zone quota=1/day;", 'limit zone "z" is defined twice'],
    ["$zone rate=1r/s file=x; gate_limit_zone \$arg_k zone=y:64k rate=1r/s file=x;", 'each needs its own'],
    ["server { $zone rate=1r/s; }", '"gate_limit_zone" directive is not allowed here'],
    ['gate_limit_status 200;', 'value must be between 400 and 599'], ['gate_limit_status 600;', 'value must be between 400 and 599'],
    map({ ["gate_limit_status $_;", 'value must be .* not one of 494 to 499, which nginx keeps to itself'] } 494 .. 499),
    ['gate_limit_headers maybe;', 'it must be "ietf", "legacy", "both" or "off"'], ['gate_limit_headers off; gate_limit_headers off;', 'duplicate'],
    ['gate_limit_log_level debug;', 'invalid value "debug"'], ['gate_limit_dry_run maybe;', 'invalid value "maybe"'],
    ['gate_client_prefix 33 64;', 'invalid value "33".*a prefix length of IPv4, 0 to 32'], ['gate_client_prefix 24 129;', '0 to 128'],
    ['gate_client_prefix -1 64;', 'invalid value "-1"'], ['gate_client_prefix "" 64;', 'invalid value ""'],
    ['gate_client_prefix 24;', 'invalid number of arguments'], ['gate_client_prefix 24 64; gate_client_prefix 24 64;', 'duplicate'],
);
refused("$zone rate=5r/s; server { location / { gate_limit $_->[0]; } } #!", $_->[1]) for (
    ['zone=z burst=-1', 'invalid parameter "burst=-1" in "gate_limit": a burst is a number'], ['zone=z burst=0', 'a burst is'],
    ['zone=z burst=10000001', 'a burst is'], ['zone=z delay=x', 'a delay is'], ['zone=z nodelay delay=3', 'both nodelay and delay='],
    ['zone=z cost=many', 'a cost is a number'], ['zone=z stage=late', 'it must be stage='], ['zone=z count=hits', 'it must be count='],
    ['zone=z count=status:', 'a status is'], ['zone=z count=status:600', 'a status is'], ['zone=z count=status:4x', 'a status is'],
    ['zone=z count=status:401,', 'a status is'], ['zone=z count=miss stage=client', 'takes no stage='], ['zone=z unknown=1', 'invalid parameter "unknown=1"'],
    ['burst=3', 'must have zone=NAME'], ['zone=none', 'there is no "gate_limit_zone" with zone=none'], ['zone=z; gate_limit zone=z', 'used twice here'],
    ['zone=z burst=3 burst=4', 'duplicate parameter "burst=4" in "gate_limit"'], ['zone=z zone=z', 'duplicate parameter "zone=z"'],
    ['zone=z nodelay nodelay', 'duplicate parameter "nodelay"'], ['zone=z cost=1 cost=2', 'duplicate parameter "cost=2"'],
    ['zone=z delay=1 delay=2', 'duplicate parameter'], ['zone=z skip=$a skip=$b', 'duplicate parameter'], ['zone=z count=all count=miss', 'duplicate parameter'],
    ['zone=z cost=2', 'cost=2 can never pass: "5r/s" of the zone "z" has room for 1'], ['zone=z burst=3 nodelay cost=5', 'cost=5 can never pass: "5r/s" .* room for 4'],
    ['off; gate_limit zone=z', 'stands beside another'], ['zone=z; gate_limit off', 'stands beside another'],
);
refused("$zone quota=5/day; server { gate_limit zone=z $_; #!\n location / { } }", 'belong to a rate, and the zone "z" has none')
    for qw(burst=3 nodelay delay=3);

refused("$zone quota=5/day,3/minute; server { location / { gate_limit zone=z cost=$_->[0]; } } #!", $_->[1]) for (
    [4, 'cost=4 can never pass: "3/minute" of the zone "z" has room for 3'], [99999999999, 'cost=99999999999 can never pass']);

subtest 'a quoted quota' => sub {
    my $server = "\nserver { listen 127.0.0.1:%%PORT%%; gate_limit zone=z; location / { empty_gif; } }\n";
    my $expected = '"10/minute";q=10;w=60, "50/hour";q=50;w=3600';
    my %form = (
        'within the word' => '%s quota="10/minute; 50/hour";', 'the whole word' => '%s "quota=10/minute; 50/hour";',
        'single quotes' => q{%s 'quota=10/minute; 50/hour';}, 'no space' => '%s quota="10/minute;50/hour";',
        'no quotes' => '%s quota=10/minute,50/hour;', 'before others' => 'gate_limit_zone $gate_client quota="10/minute; 50/hour" zone=z:1m window=gcra;',
        'several lines' => "%s quota=\"10/minute;\n   50/hour\"\n   window=gcra\n;",
        'a comment behind' => qq{%s quota="10/minute; 50/hour" # "why; not"\n  window=gcra;},
        'quotes behind' => qq{%s quota="10/minute; 50/hour" "window=gcra" 'full=evict';},
        'CRLF' => "%s\r\n  quota=\"10/minute;\r\n 50/hour\"\r\n  window=gcra;\r\n",
        'words' => '%s quota="10 per minute; 50 per hour";', 'two' => '%s quota="10/minute; 50/hour"; gate_limit_zone x zone=y:1m quota="1/second; 2/day";',
    );
    for my $name (sort keys %form) {
        my $text = $form{$name} =~ s/%s/$zone/r;
        # nginx reads its configuration in pieces of 4096 bytes: the quote lies across the seam, at each byte of it.
        for my $start (map { 4096 - $_ * 7 } 0 .. 14) {
            my ($status, $output) = check(begins_at($start) . "$text$server");
            next if $status == 0;
            fail("$name, at $start: $output");
            last;
        }
        check("$text$server");
        $t->start_nginx;
        is $t->get('/')->{header}{'ratelimit-policy'}, $expected, $name;
        $t->stop_nginx;
    }
    check(begins_at(4096 - length "$zone quota=\"10/mi") . "$zone quota=\"10/minute; 50/hour\";$server");
    my (undef, @arguments) = $t->nginx_command('-T');
    my (undef, $dump) = $t->run_program([$t->nginx_program, @arguments]);
    is $dump =~ s/^# configuration file .*\n//r, read_file($conf) . "\n", 'nginx -T prints all of it';
    refused("$zone quota=\"10/minute; 5/hour; #!\n$server", 'a quote is not closed');
    refused("$zone quota=\"10/minute; 5/fortnight\"; #!\n$server", 'is no quota');
    my ($status, $output) = check("\n\n$zone\nquota=\"10/minute;\n50/hour\"\n; nonsense; #!");
    my ($line) = $output =~ /unknown directive "nonsense" in .*:(\d+)$/m;
    like +(split /\n/, read_file($conf))[$line - 1], qr/#!/, 'the lines after it keep their numbers';
};

subtest 'warnings' => sub {
    my $warning = sub ($zone) { (check($zone))[1] =~ /\[warn\] [^"]*(.*) in .*:\d+\n/ ? $1 : undef };
    is $warning->("$key zone=z:64k quota=200/day;"), '"z" may forget clients before "200/day" is over: at one new client a second it needs 2m';
    is $warning->("$key zone=z:2m quota=200/day;"), undef, 'none where it fits';
    is $warning->("$key zone=z:64k rate=1r/s;"), undef, 'nor for a rate';
};

subtest 'count=miss' => sub {
    my $warning = sub ($server) {
        my ($status, $output) = check("$zone rate=5r/s; $server");
        is $status, 0, 'is accepted' or diag $output;
        return $output =~ /\[warn\] \S+ (.*) in \Q$conf\E:(\d+)\n/ ? [$1, (split /\n/, read_file($conf))[$2 - 1]] : undef;
    };
    my ($text, $line) = @{$warning->("server { gate_board off;\nlocation / { gate_limit zone=z count=miss; #!\n } }") // []};
    is $text, 'count=miss counts every request: "gate_board" is off wherever this limit applies', 'without a board: a warning';
    like $line, qr/#!/, 'at the line of gate_limit';
    is $warning->($_), undef, 'none with a board' for (
        'server { gate_board on; location / { gate_limit zone=z count=miss; } }', 'gate_board on; server { gate_limit zone=z count=miss; }',
        'server { gate_limit zone=z count=miss; location /cards { gate_board on; } location / { } }');
    is $warning->('server { location / { gate_limit zone=z; } }'), undef, 'nor with another count';
};

subtest 'a file' => sub {
    my $path = $t->dir('z.zone');
    my $refuses = sub ($message) {
        my ($status, $output) = check("\n$key zone=z:64k quota=1/day file=z.zone; #!\n");
        my @lines = split /\n/, read_file($conf);
        my ($line) = grep { $lines[$_ - 1] =~ /#!/ } 1 .. @lines;
        is $status, 1, "$message: refused" or diag $output;
        like $output, qr/\[emerg\] .*limit zone "z": the file "\Q$path\E" $message in \Q$conf\E:$line\n/, 'in words, at the line' or diag $output;
    };
    my $is_fine = sub ($what) { is +(check("$key zone=z:64k quota=1/day file=z.zone;"))[0], 0, $what };
    my $made = sub ($words) {
        unlink $path;
        $t->nginx_conf("gate_limit_zone $words quota=1/day file=z.zone; server { listen 127.0.0.1:%%PORT%%; }");
        $t->start_nginx;
        is $t->stop_nginx, 'exit 0';
    };
    $is_fine->('that is to be made');
    ok !-e $path, 'is not made';
    $t->write_file('z.zone', '');
    $is_fine->('empty');
    is -s $path, 0, 'stays so';
    $t->write_file('z.zone', "\0" x 65536);
    $is_fine->('whose making was cut short');
    $t->write_file('z.zone', 'short');
    $refuses->('has 5 bytes, the zone 65536; remove it to begin with an empty zone, or name another file');
    $t->write_file('z.zone', 'x' x 65536);
    $refuses->('is not a limit zone; remove it.*');
    $t->write_file('z.zone', "\0" x 65535 . 'x');
    $refuses->('is not a limit zone; remove it.*');
    $made->('$arg_other zone=z:64k');
    my @before = (stat $path)[1, 7, 9];
    $refuses->('has the key "\$arg_other", the zone "\$gate_client"; remove it.*');
    is_deeply [(stat $path)[1, 7, 9]], \@before, 'it is not changed';
    $made->('$gate_client zone=z:128k');
    $refuses->('has 131072 bytes, the zone 65536; remove it.*');
    $made->('$gate_client zone=z:64k');
    my $content = read_file($path);
    $is_fine->('the zone itself');
    is read_file($path), $content, 'is not changed';
    # One byte of the header, behind its magic.
    substr($content, 9, 1) = chr(ord(substr $content, 9, 1) ^ 1);
    $t->write_file('z.zone', $content);
    $refuses->('has version 257, this module version 1; remove it.*');
    substr($content, 9, 1) = chr(ord(substr $content, 9, 1) ^ 1);
    substr($content, 50, 1) = chr(ord(substr $content, 50, 1) ^ 1);
    $t->write_file('z.zone', $content);
    $refuses->('is damaged; remove it.*');
    unlink $path;
    symlink 'nginx.conf', $path;
    $refuses->('is a symbolic link, which is not followed; .*');
    unlink $path;
    system('mkfifo', $path) == 0 or die 'mkfifo';
    $refuses->('is not a regular file; .*');
    unlink $path;
    my ($status, $output) = check("$key zone=z:64k quota=1/day file=none/z.zone; #!");
    like $output, qr/\[emerg\] .*limit zone "z": cannot open ".*none\/z\.zone": No such file or directory; name a file .* in \Q$conf\E:\d+\n/, 'no folder';
    is $status, 1;
    mkdir $path;
    ($status, $output) = check("$key zone=z:64k quota=1/day file=z.zone; #!");
    like $output, qr/\[emerg\] .*limit zone "z": cannot open "\Q$path\E": Is a directory; name a file .* in \Q$conf\E:\d+\n/, 'a folder';
    is $status, 1;
    rmdir $path;
    ($status, $output) = check("$key zone=z:64k quota=1/day file=/proc/z.zone; #!");
    like $output, qr/\[emerg\] .*limit zone "z": cannot .*"\/proc\/z\.zone"/, 'a folder that takes none';
};

my ($status, $output) = check(<<'END');
gate_client_prefix 24 56; gate_limit_status 503; gate_limit_log_level warn; gate_limit_dry_run on; gate_limit_headers both;
gate_limit_zone $gate_client zone=a.B-c_9:64k rate=10r/s quota="5 per 2 hours, 3/day" window=sliding full=refuse scope=local file=relative.zone;
gate_limit_zone $gate_client$host zone=f:16m rate=$arg_rate quota=$arg_quota window=fixed align=utc;
gate_limit zone=f;
server { gate_client_prefix 0 0; gate_limit zone=a.B-c_9 burst=5 delay=3 cost=$arg_c skip=$arg_s stage=identity count=all;
  location / { gate_limit off; gate_limit_status 429; gate_limit_log_level info; gate_limit_dry_run off; gate_limit_headers legacy;
    location /in { gate_limit zone=f burst=3 nodelay count=status:401,403,5xx cost=2; gate_limit zone=a.B-c_9 count=miss; } } }
END
is $status, 0, 'every directive at every level' or diag $output;
ok !-e $t->dir('relative.zone'), 'nginx -t makes no file';
$t->done;
