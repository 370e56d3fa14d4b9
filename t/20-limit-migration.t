#!/usr/bin/perl
# docs/coming-from-*.md: what stands there as before and as after answers the same requests alike.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Documents qw(blocks);

my $root = Gatehouse::root();
my $t = Gatehouse->new(ports => 4);
plan skip_all => 'module is not built' if !$t->built('module');

# The nginx blocks of a page, as the content of an http block with ports of this test.
sub nginx_blocks ($page, $listen, $upstream) {
    my @texts = map { $_->{text} } grep { $_->{info} eq 'nginx' } blocks("$root/docs/$page");
    my $first = 0;
    return map {
        my $port = ref $listen ? $listen->[$first++] // 0 : $listen;
        s/\A\s*http \{\n//r =~ s/\}\s*\z//r =~ s/listen 80;/listen 127.0.0.1:$port;/gr =~ s/127\.0\.0\.1:8000/127.0.0.1:$upstream/gr
    } @texts;
}

subtest 'limit_req' => sub {
    my ($before, $after) = nginx_blocks('coming-from-limit_req.md', [$t->port(0), $t->port(1)], $t->port(2));
    like $before, qr/limit_req_zone/, 'before';
    my $renamed = $before =~ s/^ *limit_req_status 429;\n//mr =~ s/limit_req/gate_limit/gr;
    is $after =~ s/127\.0\.0\.1:\d+;/*/gr, $renamed =~ s/127\.0\.0\.1:\d+;/*/gr, 'after: the same with other names';
    $t->nginx_conf("$before $after server { listen 127.0.0.1:%%PORT2%%; location / { return 200 'app'; } }");
    $t->start_nginx;
    for my $case (['/login', 6], ['/', 14], ['/preview', 3]) {
        my ($path, $count) = @$case;
        my ($theirs, $ours) = map {
            my $http = $t->http($_);
            join ' ', map { my $r = $http->get($path); $r->{status} . ($r->{header}{'x-limit'} // '') } 1 .. $count;
        } 0, 1;
        is $ours, $theirs, "$path: $theirs";
    }
    $t->stop_nginx;
};

subtest 'flask-limiter' => sub {
    plan skip_all => 'needs python3-flask-limiter' if !-e '/usr/lib/python3/dist-packages/flask_limiter/__init__.py';
    my ($app) = map { $_->{text} } grep { $_->{info} eq 'python' } blocks("$root/docs/coming-from-flask-limiter.md");
    $t->write_file('app.py', "$app\nimport sys\nlimiter.enabled = sys.argv[2] == 'on'\napp.run(port=int(sys.argv[1]))\n");
    my ($after) = nginx_blocks('coming-from-flask-limiter.md', $t->port(0), $t->port(2));
    $t->nginx_conf($after);
    my @apps = map {
        $t->spawn(name => 'app', command => ['/usr/bin/python3', $t->dir('app.py'), $t->port($_->[0]), $_->[1]], log => "app-$_->[1].log")
    } [1, 'on'], [2, 'off'];
    wait_for(sub { Gatehouse::Nginx::accepts($t->port(1)) && Gatehouse::Nginx::accepts($t->port(2)) }, 20, 'the app');
    $t->start_nginx;
    my @requests = (
        ('/') x 8, ('/report') x 4, ('/login?password=wrong') x 2, ('/login?password=secret') x 5, '/login?password=wrong',
        '/login?password=secret', '/login?password=wrong', ('/export') x 4, ('/health') x 9, '/', '/report');
    my (@theirs, @ours);
    for my $path (@requests) {
        push @theirs, $t->http(1)->get($path);
        push @ours, $t->get($path);
    }
    my $text = sub ($r, $i) { "$requests[$i] $r->{status} " . ($r->{status} == 429 ? '' : $r->{body}) };
    is_deeply [map { $text->($ours[$_], $_) } 0 .. $#ours], [map { $text->($theirs[$_], $_) } 0 .. $#theirs], scalar(@requests) . ' requests, the same answers';
    is_deeply {map { $_->{status} => 1 } @theirs}, {200 => 1, 401 => 1, 429 => 1}, 'of every kind';
    for my $name (qw(x-ratelimit-limit x-ratelimit-remaining)) {
        # A refusal of what costs 4 leaves the 2 that are there; flask-limiter has counted it nevertheless.
        my @some = grep { $requests[$_] !~ /login/ && !($requests[$_] eq '/export' && $ours[$_]{status} == 429) } 0 .. $#requests;
        my $values = sub (@responses) { [map { "$requests[$_] " . ($responses[$_]{header}{$name} // 'none') } @some] };
        is_deeply $values->(@ours), $values->(@theirs), $name;
    }
    my $reset = sub ($r) { $r->{header}{'x-ratelimit-reset'} };
    my @late = grep { $reset->($ours[$_]) && abs($reset->($ours[$_]) - $reset->($theirs[$_])) > 2 } 0 .. $#ours;
    is_deeply [map { $requests[$_] } @late], [], 'x-ratelimit-reset' or diag explain [map { [$ours[$_]{headers}, $theirs[$_]{headers}] } @late];
};

$t->done;
