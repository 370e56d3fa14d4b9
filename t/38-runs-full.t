#!/usr/bin/perl
# Runs whose database has no room left, in SQLite and in PostgreSQL: 507, nothing of them is seen, and with room the same upload is taken.

use v5.36;
use lib 't/lib';
use JSON::PP qw(decode_json);
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(hs256);
use Gatehouse::Postgres;

plan skip_all => 'needs root, to mount a small file system' if $> != 0;
my $secret = 'a secret of more than thirty-two bytes';
my $path = '/gatehouse/api/v1/datasets/runs';
my $mounted;
sub unmount () { my $disk = $mounted // return; undef $mounted; return system('umount', $disk) }
END { local $?; unmount() }

sub disk ($t) {
    my $disk = $t->dir('disk');
    mkdir $disk or die "$disk: $!";
    plan skip_all => 'needs mount(2), which this machine forbids' if system("mount -t tmpfs -o size=6m tmpfs '$disk' 2>/dev/null") != 0;
    return $mounted = $disk;
}

sub start ($t, $state) {
    chmod 0600, $t->write_file('secret', $secret);
    $t->sidecar_config({
        state => $state,
        sources => {runs => {kind => 'dataset', runs => JSON::PP::true}},
        cards => {total => {path => '/total', sql => 'select count(*)::int as n, count(distinct run_id)::int as runs from runs_rows'}}});
    $t->start_sidecar;
    $t->nginx_conf(<<'END');
    gate_link %%LINK%%;
    gate_board_file %%BOARD%%;
    server {
        listen 127.0.0.1:%%PORT%%;
        client_max_body_size 0;
        location / { gate_board on; }
        location /gatehouse/api/ {
            gate_auth jwt;
            gate_jwt_key secret=%%DIR%%/secret alg=HS256;
            proxy_set_header Gate-Identity $gate_identity;
            proxy_request_buffering off;
            proxy_http_version 1.1;
            proxy_pass http://unix:%%API%%:;
        }
    }
END
    $t->start_nginx;
    return;
}

# Larger than the disk whatever compresses it: random numbers do not get smaller.
srand 7;
my $rows = 500_000;
my $large = "a,b,c\n" . join '', map { join(',', map { int rand 2**52 } 1 .. 3) . "\n" } 1 .. $rows;
my $small = "a,b,c\n1,2,3\n4,5,6\n";

sub check ($t, $disk, $kept) {
    my $api = sub ($method, $query, $body = undef, %header) {
        $header{Authorization} = 'Bearer ' . hs256({sub => 'ada', scope => 'write:runs', exp => time + 600}, $secret);
        $header{'Content-Type'} = 'text/csv' if defined $body;
        return $t->http(0, timeout => 60)->request({method => $method, path => "$path$query", headers => \%header, defined $body ? (body => $body) : ()});
    };
    ok wait_for(sub { $api->('GET', '')->{status} == 200 }, 10, 'the state'), 'the state is there';
    is $api->('POST', '?name=first', $small)->{status}, 200, 'a run that fits';
    ok $t->wait_for_answer('/total', sub ($response) { $response->{body} eq '[{"n":2,"runs":1}]' }), 'is seen';
    my $before = $api->('GET', '')->{body};
    my $tables = $kept->();
    for my $method (qw(POST PUT)) {
        my $answer = $api->($method, '?name=large', $large, 'Idempotency-Key' => "large-$method");
        is $answer->{status}, 507, "$method of one that does not: 507" or diag $answer->{body};
        is_deeply [@{decode_json($answer->{body})}{qw(title detail)}], ['Insufficient Storage', 'There is no room left to keep this.'], 'with problem details';
        is $api->('GET', '')->{body}, $before, 'what was there before is there, no more and no less';
        is $kept->(), $tables, 'also in the tables';
        is $t->get('/total')->{body}, '[{"n":2,"runs":1}]', 'and its card';
    }
    is_deeply [glob $t->dir('datasets/.incoming/*')], [], 'nothing lies about';
    system("mount -o remount,size=200m '$disk'") == 0 or die 'remount';
    is $api->('POST', '?name=large', $large, 'Idempotency-Key' => 'large-POST')->{status}, 200, 'with more room the same upload is taken';
    is $api->('POST', '?name=large', $large, 'Idempotency-Key' => 'large-POST')->{header}{'idempotency-replayed'}, 'true', 'once';
    my $all = '[{"n":' . ($rows + 2) . ',"runs":2}]';
    ok $t->wait_for_answer('/total', sub ($response) { $response->{body} eq $all }, 30), 'and seen whole';
    return;
}

my $t = Gatehouse->new;
plan skip_all => 'needs the module, the sidecar and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');
my $counts = 'select (select count(*) from %runs), (select count(*) from %uploads), (select max(revision) from %datasets)';
my $disk = disk($t);
start($t, {path => "$disk/state.db"});
check($t, $disk, sub { return ($t->run_program(['sqlite3', "$disk/state.db", $counts =~ s/%//gr]))[1] });
$t->finish;
unmount();

# In PostgreSQL the tables alone are on the small disk: a log that is full ends the server itself.
SKIP: {
    skip 'PostgreSQL is not installed', 1 if !Gatehouse::Postgres->available;
    my $p = Gatehouse->new;
    my $pg = Gatehouse::Postgres->new($p);
    $pg->start;
    my $small_disk = disk($p);
    mkdir "$small_disk/tables" or die $!;
    chown((getpwnam 'postgres')[2, 3], "$small_disk/tables") or die "chown: $!";
    $pg->sql("create tablespace small location '$small_disk/tables'");
    $pg->sql('alter database postgres set default_tablespace = small');
    start($p, {url => $pg->url});
    check($p, $small_disk, sub { return $pg->sql($counts =~ s/%/gatehouse./gr) });
    $p->stop_sidecar;
    $pg->stop;
    $p->finish;
    unmount();
}
done_testing();
