package Gatehouse::Postgres;

# A PostgreSQL of the test's own: data directory and Unix socket in the test's directory, run by an
# unprivileged user, since PostgreSQL refuses root.
#
#     my $pg = Gatehouse::Postgres->new($t, max_connections => 10);
#     $pg->start;
#     $pg->sql('create table t(a int)');
#     $pg->url, $pg->kill, $pg->start, $pg->stop

use v5.36;
use Gatehouse::Process;
use Gatehouse::Wait qw(wait_for);

sub bin () {
    my ($newest) = sort { ($b =~ /(\d+)/)[0] <=> ($a =~ /(\d+)/)[0] } glob '/usr/lib/postgresql/*/bin';
    return $newest;
}

sub available ($class) { return defined bin() }

sub new ($class, $t, %settings) {
    my $self = bless {t => $t, dir => $t->dir('pg'), settings => \%settings, user => $> == 0 ? 'postgres' : undef}, $class;
    mkdir $self->{dir} or die "$self->{dir}: $!";
    if ($self->{user}) {
        chown((getpwnam $self->{user})[2, 3], $self->{dir}) or die "chown: $!";
    }
    my ($exit, $out) = $t->run_program([$self->as_user, bin() . '/initdb', '-D', "$self->{dir}/data", '-A', 'trust', '-U', 'app',
        '--no-sync', '-E', 'UTF8', '--locale=C'], timeout => 60);
    die "initdb: $out" if $exit;
    return $self;
}

sub as_user ($self) { return $self->{user} ? ('setpriv', "--reuid=$self->{user}", "--regid=$self->{user}", '--clear-groups') : () }

sub start ($self) {
    my %settings = (listen_addresses => '', unix_socket_directories => $self->{dir}, fsync => 'off', %{$self->{settings}});
    $self->{process} = $self->{t}->spawn(name => 'postgres', log => 'postgres.log',
        command => [$self->as_user, bin() . '/postgres', '-D', "$self->{dir}/data", map {; '-c', "$_=$settings{$_}" } sort keys %settings]);
    wait_for(sub { $self->try_sql('select 1') eq '1' }, 20, 'PostgreSQL');
    return;
}

# kill -9 of the postmaster; its backends see that and end.
sub kill ($self) {
    my @backends = Gatehouse::Process::children($self->{process}->pid);
    $self->{process}->signal('KILL');
    $self->{process}->wait;
    wait_for(sub { !grep { CORE::kill 0, $_ } @backends }, 20, 'end of the backends');
    unlink "$self->{dir}/data/postmaster.pid";
    return;
}

sub stop ($self) { return $self->{process}->stop('INT', 20) }

sub url ($self, $more = '') { return "postgresql:///postgres?host=$self->{dir}&user=app$more" }

# The command of a psql that writes rows as lines, columns separated by bars.
sub psql ($self) { return (bin() . '/psql', qw(-qAtX -v ON_ERROR_STOP=1 -U app -d postgres -h), $self->{dir}) }

# Rows as lines, columns separated by bars; or what went wrong.
sub try_sql ($self, $sql) {
    my ($exit, $out) = $self->{t}->run_program([bin() . '/psql', '-qAtX', '-h', $self->{dir}, '-U', 'app', '-d', 'postgres', '-c', $sql], timeout => 30);
    return $out =~ s/\n\z//r;
}

sub sql ($self, $sql) {
    my ($exit, $out) = $self->{t}->run_program([$self->psql, '-c', $sql], timeout => 30);
    die "psql: $out" if $exit;
    return $out =~ s/\n\z//r;
}

# psql that keeps a transaction open until its session is closed.
sub session ($self, $sql) {
    my $pid = open my $to, '|-', bin() . '/psql', '-qX', '-h', $self->{dir}, '-U', 'app', '-d', 'postgres', '-o', '/dev/null' or die "psql: $!";
    $to->autoflush(1);
    print {$to} "$sql\n";
    return $to;
}

1;
