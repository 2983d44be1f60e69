<?php

declare(strict_types=1);

namespace CrowdSky\Kernel;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Config;
use CrowdSky\Base\ConfigurationError;
use CrowdSky\Base\DataFolder;
use CrowdSky\Base\FileModes;
use CrowdSky\Base\HostFunctions;
use CrowdSky\Base\Logger;
use CrowdSky\Base\SystemClock;
use CrowdSky\Database\Connector;
use CrowdSky\Database\Database;
use CrowdSky\Database\Migrator;
use CrowdSky\Http\Request;
use CrowdSky\Http\Responder;
use CrowdSky\Http\Response;
use CrowdSky\Storage\LocalStorage;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\RawStore;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\WebDavClient;
use CrowdSky\Storage\WebDavStorage;

/**
 * Wires what every subject needs, each part created on first use, and runs one request from start to end.
 *
 * It knows no subject; each of those has a Services class in its own folder.
 */
final class App
{
    private ?Config $config = null;
    private ?DataFolder $data = null;
    private ?Logger $log = null;
    private ?Database $database = null;
    /** @var list<\Closure(): void> */
    private array $later = [];

    private function __construct(private readonly Clock $clock)
    {
    }

    /**
     * Prepares PHP itself: errors become exceptions and are never displayed, times are UTC, and no other account of the
     * machine can read what is written.
     */
    public static function boot(): self
    {
        ini_set('display_errors', '0');
        ini_set('default_mimetype', '');
        ini_set('zend.exception_ignore_args', '1');
        error_reporting(E_ALL);
        date_default_timezone_set('UTC');
        mb_internal_encoding('UTF-8');
        FileModes::closeToOthers();
        self::leaveAutomaticSession();
        $app = new self(new SystemClock());
        set_error_handler(new ErrorHandler($app->logIfPossible(...)));
        return $app;
    }

    /**
     * Answers the current request: checks the method, calls the handler, and sends its answer or its error.
     *
     * @param list<string> $methods the handler accepts; HEAD is accepted where GET is
     * @param callable(self, Request): Response $handler
     * @param (callable(int, string, ?string, Request, ?self): string)|null $errorPage see Responder; without itself where
     *     nothing more of the site is to be tried
     */
    public static function handle(array $methods, callable $handler, ?callable $errorPage = null): void
    {
        $errorPage ??= Responder::plainPage(...);
        $request = Request::fromGlobals();
        $app = self::boot();
        $responder = fn (?self $site = null): Responder => new Responder(
            $app->logIfPossible(),
            static fn (int $status, string $message, ?string $reference, Request $request): string
                => $errorPage($status, $message, $reference, $request, $site),
        );
        register_shutdown_function(static function () use ($request, $responder): void {
            self::answerFatalError($request, $responder);
        });
        try {
            $request->requireMethod($methods);
            $request->body()->refuseEncoding();
            $response = $handler($app, $request->through($app->config()->trustedProxies));
        } catch (\Throwable $error) {
            $response = $responder($app)->toResponse($error, $request);
        }
        try {
            $response->send($request->method() === 'HEAD');
        } catch (\Throwable $error) {
            $app->failWhileSending($error, $request, $responder());
        }
        $app->finish();
    }

    /**
     * Leaves work for after the answer, so that nobody waits for it and its duration tells nothing. What it throws is
     * logged.
     *
     * @param \Closure(): void $work
     */
    public function afterwards(\Closure $work): void
    {
        $this->later[] = $work;
    }

    private function finish(): void
    {
        if ($this->later === []) {
            return;
        }
        ignore_user_abort(true);
        flush();
        foreach (['fastcgi_finish_request', 'litespeed_finish_request'] as $finish) {
            if (function_exists($finish)) {
                $finish();
            }
        }
        foreach ($this->later as $work) {
            try {
                $work();
            } catch (\Throwable $error) {
                $this->logIfPossible()?->error('work after an answer failed', ['error' => $error::class . ': ' . $error->getMessage()]);
            }
        }
    }

    /**
     * With session.auto_start, PHP has opened a session that may belong to another program of the host: it stays as it
     * is, and its cookie and headers are not ours to send.
     */
    private static function leaveAutomaticSession(): void
    {
        if (session_status() === PHP_SESSION_ACTIVE) {
            session_abort();
            header_remove();
        }
    }

    public function config(): Config
    {
        return $this->config ??= Config::load();
    }

    public function clock(): Clock
    {
        return $this->clock;
    }

    public function data(): DataFolder
    {
        return $this->data ??= DataFolder::open($this->config()->dataDir);
    }

    public function log(): Logger
    {
        return $this->log ??= new Logger($this->data()->path('log/crowdsky.log'), $this->config()->logLevel, $this->clock);
    }

    /** The database, connected and migrated. */
    public function database(): Database
    {
        if ($this->database === null) {
            $this->data();
            $this->database = $this->connector()->open();
        }
        return $this->database;
    }

    /**
     * For commands that look after a site: in the wrong place, they must not create a second one.
     *
     * @throws ConfigurationError when there is no database yet
     */
    public function requireSite(): void
    {
        $this->connector()->requireExisting();
    }

    /** Applies migrations, and knows whether the schema matches the code. */
    public function migrator(): Migrator
    {
        return $this->connector()->migrator($this->database());
    }

    public function spool(): Spool
    {
        return new Spool($this->data()->path('spool'));
    }

    public function raws(): RawStore
    {
        return new RawStore($this->data()->path('raws'));
    }

    /**
     * Where finished results live.
     *
     * @throws ConfigurationError when PHP lacks what a WebDAV share needs
     */
    public function storage(): ObjectStorage
    {
        $config = $this->config();
        $missing = $config->storage === 'webdav' ? HostFunctions::missingForWebDav() : null;
        if ($missing !== null) {
            throw new ConfigurationError("The storage cannot be used: $missing");
        }
        return $config->storage === 'webdav'
            ? new WebDavStorage(new WebDavClient($config->webdavUrl, $config->webdavToken))
            : new LocalStorage($this->data()->path('stacks'));
    }

    /** A random number from 0 up to, but not including, 1. */
    public function random(): float
    {
        return random_int(0, 999_999) / 1_000_000;
    }

    private function connector(): Connector
    {
        return new Connector($this->config(), $this->clock, dirname(__DIR__, 2) . '/migrations');
    }

    /** The log, or null if the data folder itself is broken. */
    private function logIfPossible(): ?Logger
    {
        try {
            return $this->log();
        } catch (ConfigurationError) {
            return null;
        }
    }

    /**
     * A truncated answer must not look complete: before the first byte the error is sent instead, after it the
     * connection is cut.
     */
    private function failWhileSending(\Throwable $error, Request $request, Responder $responder): void
    {
        $response = $responder->toResponse($error, $request);
        if (!headers_sent()) {
            header_remove();
            $response->send();
        }
    }

    /** Answers fatal errors, such as running out of memory, which end the script without an exception. */
    private static function answerFatalError(Request $request, \Closure $responder): void
    {
        $last = error_get_last();
        if ($last === null || ($last['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR)) === 0) {
            return;
        }
        $error = new \ErrorException($last['message'], 0, $last['type'], $last['file'], $last['line']);
        $response = $responder()->toResponse($error, $request);
        if (!headers_sent()) {
            header_remove();
            $response->send();
        }
    }
}
