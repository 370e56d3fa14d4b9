#!/usr/bin/perl
# Every snippet of README and docs: configurations are checked, terminal sessions are run.

use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Cwd qw(abs_path);
use Encode qw(decode);
use Test::More;
use Gatehouse;

binmode $_, ":encoding(UTF-8)" for map { Test::More->builder->$_ } qw(output failure_output todo_output);

use Gatehouse::Documents qw(blocks transcript output_pattern);
use Gatehouse::Mmdb qw(country mmdb);

my $root = Gatehouse::root();
my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));

my @documents = map { s{^\Q$root\E/}{}r } glob("$root/*.md $root/docs/*.md $root/conf/examples/*.md $root/conf/examples/*/*.md $root/bench/*.md");
my %run = (
    'json config' => \&check_configuration,
    'nginx' => \&check_nginx,
    'console' => \&check_session,
);
# Commands for the reader's own machine and drawings: read by people, not run here.
my $not_run = qr/^(?:sh|text|jsonc|cpp|cmake|perl|python|dockerfile|json|sql|)$/;

start_demo();
my %checked;
my $geoip_databases = 0;
for my $document (@documents) {
    for my $block (blocks("$root/$document")) {
        my $place = "$document:$block->{line}";
        my $check = $run{$block->{info}};
        if ($check) {
            $check->($block->{text}, $place);
            ++$checked{$block->{info}};
        } elsif ($block->{info} !~ $not_run) {
            fail("$place: a block of an unknown kind \"$block->{info}\"");
        }
    }
}
cmp_ok($checked{$_} // 0, '>', 0, "there are blocks of kind $_") for sort keys %run;
stop_demo();
$t->done;

sub check_configuration ($text, $place) {
    my $file = $t->write_file('snippet.json', Encode::encode('UTF-8', $text));
    my ($exit, $out, $err) = $t->run_program(["$t->{build}/gatehoused", '-t', '-c', $file]);
    is($exit, 0, "$place: gatehoused -t") or diag $out, $err;
}

# Server- and location-level snippets are put where they belong; ports, paths and modules become the
# test's own.
sub check_nginx ($text, $place) {
    my $server = $text =~ /^\s*location\b|^\s*gate_(?:board|route)/m && $text !~ /^\s*server\s*\{/m;
    $text = "server { listen 80;\n$text\n}" if $server;
    $text =~ s/^\s*load_module\s+\S+;\n//m;
    $text = "http {\n$text\n}" if $text !~ /^\s*http\s*\{/m;
    $text = "events { }\n$text" if $text !~ /^\s*events\b/m;
    $text = "load_module $t->{build}/ngx_http_gatehouse_module.so;\n$text";
    $text =~ s{listen\s+[^;]*;}{'listen 127.0.0.1:' . $t->port(1) . ';'}ge;
    $text =~ s{^(\s*gate_geoip\s+)\S+;}{$1$t->{dir}/@{[++$geoip_databases]}.mmdb;}mg;
    $t->write_file("$_.mmdb", mmdb({'192.0.2.0/24' => {%{country('DE')}, asn => 64500}})) for 1 .. $geoip_databases;
    $text =~ s{^\s*(?:ssl_certificate|ssl_certificate_key|include)\s[^;]*;}{}mg;
    chmod 0600, $t->write_file('jwt.secret', 'x' x 32);
    $t->write_file('nginx.conf', Encode::encode('UTF-8', "pid nginx.pid;\n$text"));
    my ($exit, $out) = $t->nginx_test;
    is($exit, 0, "$place: nginx -t") or diag $out;
}

sub check_session ($text, $place) {
    for my $step (transcript($text)) {
        my $name = "$place: " . ($step->{command} =~ s/\n//r);
        my ($exit, $out, $err) = in_demo($step->{command});
        my $shown = decode('UTF-8', $out . $err) =~ s/\r//gr;
        $shown .= "\n" if $shown ne '' && $shown !~ /\n\z/;
        like($shown, output_pattern($step->{output}), $name);
    }
}

# The example deployment of this build, served from this test's directory.
sub demo_environment () {
    return (%ENV, GATEHOUSE_BUILD => $t->build, GATEHOUSE_NGINX => $t->nginx_program,
        GATEHOUSE_DEMO_DIR => $t->dir('demo'));
}

sub start_demo () {
    local %ENV = demo_environment();
    my ($exit, $out, $err) =
        $t->run_program(["$root/demo.sh", '--detach', '--port', $t->port], timeout => 300);
    is($exit, 0, 'demo.sh --detach') or die "$out$err";
    return;
}

sub stop_demo () {
    local %ENV = demo_environment();
    my ($exit, $out, $err) = $t->run_program(["$root/demo.sh", '--stop'], timeout => 60);
    is($exit, 0, 'demo.sh --stop') or diag $out, $err;
    return;
}

sub in_demo ($command) {
    my $port = $t->port;
    $command =~ s/127\.0\.0\.1:8080/127.0.0.1:$port/g;
    my $script = Encode::encode('UTF-8', <<"END");
cd '$t->{dir}' || exit 1
gatehousectl() { '$t->{build}/gatehousectl' -s '$t->{dir}/demo/run/control.sock' "\$@"; }
gatehoused() { '$t->{build}/gatehoused' "\$@"; }
$command
END
    return $t->run_program(['bash', '-c', $script], timeout => 60);
}

END {
    if ($t && -e $t->dir('demo/run')) {
        local $?;
        local %ENV = demo_environment();
        system("$root/demo.sh", '--stop');
    }
}
