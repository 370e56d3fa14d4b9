package Gatehouse;

# The ground of every test: one nginx and one sidecar in a directory and on ports of their own.
#
#     use lib 't/lib';
#     use Gatehouse;
#     my $t = Gatehouse->new;
#     $t->write_file('data.csv', "a,b\n1,2\n");
#     $t->sidecar_config({sources => {d => {kind => 'csv', path => '%%DIR%%/data.csv'}},
#                         cards   => {c => {path => '/c', sql => 'select * from d'}}});
#     $t->start_sidecar;
#     $t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location / { gate_board on; } }');
#     $t->start_nginx;
#     is $t->get('/c')->{status}, 200;
#     $t->done;
#
# Placeholders in every configuration: %%DIR%%, %%PORT%% (%%PORT1%% and so on for further ports),
# %%LINK%%, %%CONTROL%%, %%API%%, %%BOARD%%, %%BUILD%%. done() stops everything and makes three assertions: no
# [alert], no [emerg] and no sanitizer's line in any log.
#
# Environment: GATEHOUSE_BUILD (build/release), GATEHOUSE_NGINX (nginx), GATEHOUSE_KEEP=1 keeps the
# directory, GATEHOUSE_TIMEOUT_SCALE stretches deadlines, GATEHOUSE_LONG=1 runs the long variants.

use v5.36;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp ();
use JSON::PP ();
use Scalar::Util qw(weaken);
use Test::More;

use Gatehouse::Http;
use Gatehouse::Load;
use Gatehouse::Nginx;
use Gatehouse::Ports;
use Gatehouse::Process;
use Gatehouse::Publisher;
use Gatehouse::Scene;
use Gatehouse::Sidecar;
use Gatehouse::Wait qw(wait_for now);

our @EXPORT = qw(wait_for now read_file unix_listening);
our @ISA = qw(Gatehouse::Nginx Gatehouse::Sidecar Gatehouse::Scene);

my $root = abs_path(dirname(__FILE__) . '/../..');
my @instances;
my $exit_status = 0;  # of the test, at its end

$SIG{TERM} = $SIG{INT} = $SIG{HUP} = sub { exit 1 };

# new(ports => how many, workers => worker processes, master => 1 or 0, daemon => 0 or 1)
sub new ($class, %option) {
    my $self = bless {
        ports => [Gatehouse::Ports::reserve($option{ports} // 1)],
        workers => $option{workers} // 1,
        master => $option{master} // 1,
        daemon => $option{daemon} // 0,
        # Short: a Unix socket's path has at most 107 bytes.
        dir => File::Temp::tempdir('gth-XXXXXX', DIR => '/tmp'),
        build => abs_path($ENV{GATEHOUSE_BUILD} // "$root/build/release") // "$root/build/release",
        owner => $$,
        expected => [],
        processes => [],
        loads => [],
    }, $class;
    mkdir "$self->{dir}/$_" or die "$self->{dir}/$_: $!" for qw(logs temp);
    chmod 0755, $self->{dir};
    push @instances, $self;
    weaken $instances[-1];
    return $self;
}

sub root { return $root }
sub dir ($self, $name = undef) { return defined $name ? "$self->{dir}/$name" : $self->{dir} }
sub build ($self) { return $self->{build} }
sub port ($self, $index = 0) { return $self->{ports}[$index] }
sub link_path ($self) { return "$self->{dir}/link.sock" }
sub control_path ($self) { return "$self->{dir}/control.sock" }
sub api_path ($self) { return "$self->{dir}/api.sock" }
sub board_path ($self) { return "$self->{dir}/board" }

# True if what a test needs is built: those that need the sidecar say plan skip_all otherwise.
sub built ($self, @names) {
    my %file = (
        module => 'ngx_http_gatehouse_module.so', sidecar => 'gatehoused', ctl => 'gatehousectl',
        publisher => 'gatehouse_publisher');
    return !grep { !-e "$self->{build}/" . ($file{$_} // $_) } @names;
}

sub fill_in ($self, $text) {
    my %value = (
        DIR => $self->{dir}, BUILD => $self->{build}, ROOT => $root, LINK => $self->link_path,
        CONTROL => $self->control_path, API => $self->api_path, BOARD => $self->board_path,
        PORT => $self->port, map { ("PORT$_" => $self->port($_)) } 0 .. $#{$self->{ports}},
    );
    $text =~ s/%%([A-Z]+\d*)%%/$value{$1} \/\/ die "no such placeholder: $1"/ge;
    return $text;
}

# Writes a file of the test's directory in one step, as a careful program would, so that a watcher
# never sees half of it. Returns its path.
sub write_file ($self, $name, $content) {
    my $path = $self->dir($name);
    open my $file, '>:raw', "$path.tmp" or die "$path.tmp: $!";
    print {$file} $content;
    close $file or die "$path.tmp: $!";
    rename "$path.tmp", $path or die "$path: $!";
    return $path;
}

sub read_file ($path) {
    open my $file, '<:raw', $path or return;
    local $/;
    return readline($file) // '';
}

# --- clients ---

sub http ($self, $index = 0, %option) { return Gatehouse::Http->new(port => $self->port($index), %option) }
sub get ($self, $path, %headers) { return $self->http->get($path, %headers) }
sub head ($self, $path, %headers) { return $self->http->head($path, %headers) }
sub request ($self, $request) { return $self->http->request($request) }

sub load ($self, %option) {
    my $load = Gatehouse::Load->start(port => $self->port, %option);
    push @{$self->{loads}}, $load;
    return $load;
}

# The assertions on what a load reports: nothing failed, nothing torn, and something was asked.
sub load_ok ($self, $report, $what) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $name = "$what: $report->{requests} requests, 0 failed, 0 torn";
    my $ok = ok($report->{requests} && !$report->{failures} && !$report->{torn}, $name);
    diag(join "\n", map { "request $_->[0]: $_->[1]" } splice @{$report->{failed}}, 0, 20) if !$ok;
    note(JSON::PP->new->canonical->encode({map { $_ => $report->{$_} } qw(statuses retried tags)}));
    return $ok;
}

# Waits until GET $path answers as $condition wants (a sub of the response, or a status) and returns it.
sub wait_for_answer ($self, $path, $condition = 200, $timeout = 10) {
    my $holds = ref $condition ? $condition : sub ($response) { $response->{status} == $condition };
    my $last = 'nothing';
    my $found = eval {
        wait_for(sub {
            my $response = eval { $self->get($path) } or return;
            $last = "$response->{status} $response->{body}";
            return $holds->($response) && $response;
        }, $timeout, "answer of $path");
    };
    return $found // die $@ =~ s/\n//r . ', last was ' . substr($last, 0, 300) . "\n";
}

# Whether a process listens on this Unix socket; says so without connecting.
sub unix_listening ($path) {
    open my $file, '<', '/proc/net/unix' or die "/proc/net/unix: $!";
    my $accepts = 0x10000;
    return scalar grep {
        my @column = split ' ', $_, 8;
        ($column[7] // '') =~ /^\Q$path\E\s*$/ && hex($column[3]) & $accepts
    } readline $file;
}

# --- processes, logs, the end ---

# "asan" or "tsan" for a sanitizer's build, else nothing. Such a build is slower, and its memory says
# little: what is freed stays in quarantine.
sub sanitizer ($self) {
    return $self->{sanitizer} if exists $self->{sanitizer};
    my ($file) = grep { -e } map { "$self->{build}/$_" } qw(ngx_http_gatehouse_module.so gatehoused);
    ($self->{sanitizer}) = $file && qx(ldd '$file') =~ /lib([at]san)\.so/;
    $ENV{GATEHOUSE_TIMEOUT_SCALE} //= 6 if $self->{sanitizer};
    return $self->{sanitizer};
}

# The environment of a program of a sanitizer's build. nginx itself is not instrumented: the runtime
# comes first by LD_PRELOAD, and nginx keeps its pools to the end on purpose, so no leak check there.
sub sanitizer_environment ($self, $preload) {
    my $kind = $self->sanitizer // return +{};
    my $library = qx(gcc -print-file-name=lib$kind.so);
    chomp $library;
    my $leaks = $preload ? 0 : 1;
    return +{
        ASAN_OPTIONS => "detect_leaks=$leaks:abort_on_error=0:strict_string_checks=1:detect_odr_violation=0",
        UBSAN_OPTIONS => 'print_stacktrace=1',
        TSAN_OPTIONS => "halt_on_error=0:report_signal_unsafe=0:suppressions=$root/t/sanitizers/tsan.supp",
        $preload ? (LD_PRELOAD => abs_path($library)) : (),
    };
}

sub spawn ($self, %option) {
    my $process = Gatehouse::Process->start(%option, log => $self->dir("logs/$option{log}"));
    push @{$self->{processes}}, $process;
    return $process;
}

# The stand-in for the sidecar: see Gatehouse::Publisher.
sub start_publisher ($self) {
    my $publisher = Gatehouse::Publisher->start(
        $self, "$self->{build}/gatehouse_publisher", $self->link_path, $self->dir('logs/publisher.log'),
        $self->sanitizer_environment(0));
    push @{$self->{processes}}, $publisher;
    return $publisher;
}

sub log_text ($self, $name) { return read_file($self->dir("logs/$name")) // '' }

# Log lines that match are expected and no reason to fail.
sub expect_in_logs ($self, @patterns) { push @{$self->{expected}}, @patterns; return }

# nginx raises an alert for every worker that ends by a signal.
sub expect_killed_worker ($self, $pid) {
    return $self->expect_in_logs(qr/\[alert\] .*worker process $pid exited on signal 9/);
}

sub unexpected ($self, $pattern) {
    my @found;
    for my $path (sort glob "$self->{dir}/logs/* $self->{dir}/*/logs/*") {
        my ($name) = $path =~ m{([^/]+)$};
        next if $name =~ /^access/;
        for my $line (split /\n/, $self->log_text($name)) {
            next if $line !~ $pattern || grep { $line =~ $_ } @{$self->{expected}};
            push @found, "$name: " . substr($line, 0, 500);
        }
    }
    return @found;
}

sub stop ($self) {
    $_->kill_clients for @{$self->{loads}};
    $self->stop_nginx if $self->{nginx};
    $self->stop_sidecar if $self->{sidecar};
    $_->stop('KILL') for grep { $_->running } @{$self->{processes}};
    return;
}

my %silent = (
    'no [alert]' => qr/\[alert\]/,
    'no [emerg]' => qr/\[emerg\]/,
    'no sanitizer line' =>
        qr/ERROR: (?:Address|Leak|Thread)Sanitizer|WARNING: ThreadSanitizer|runtime error:|SUMMARY: \w+Sanitizer/,
);

# The names of the assertions that would fail now.
sub alarms ($self) { return grep { $self->unexpected($silent{$_}) } sort keys %silent }

sub check_logs ($self) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    for my $name (sort keys %silent) {
        my @lines = $self->unexpected($silent{$name});
        ok(!@lines, $name) or diag(join "\n", splice @lines, 0, 10);
    }
    return;
}

# The end of one of several instances in a test.
sub finish ($self) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    $self->stop;
    $self->check_logs;
    $self->{done} = 1;
    return;
}

# The end of a test.
sub done ($self) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    $self->finish;
    return done_testing();
}

sub DESTROY ($self) {
    return if $self->{owner} != $$;
    local ($@, $?, $!);
    $_->kill_clients for @{$self->{loads}};
    for my $process (grep { $_->running } @{$self->{processes}}) {
        # The master first, or it would start its workers again.
        my @workers = Gatehouse::Process::children($process->pid);
        $process->stop('KILL');
        kill 'KILL', @workers;
    }
    if ($ENV{GATEHOUSE_KEEP} || !Test::More->builder->is_passing || $exit_status) {
        diag("kept: $self->{dir}");
    } else {
        remove_tree($self->{dir});
    }
    return;
}

END {
    $exit_status = $?;
    for my $instance (grep { defined } @instances) {
        $instance->DESTROY;
        $instance->{owner} = 0;
    }
}

1;
