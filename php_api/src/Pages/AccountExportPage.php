<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Gallery\ZipWriter;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Stacks\AccountExport;

/** All data of one's own account as a ZIP file: a document in JSON, and a text that says what is in it. */
final class AccountExportPage
{
    /** Bytes of the document that are held in memory; the rest waits in a file. */
    private const IN_MEMORY = 2_000_000;
    private const PIECE = 65536;

    public static function answer(App $app, Request $request): Response
    {
        $user = Visitor::of($app, $request)->requireUserForPage();
        $headers = [
            'Content-Type' => 'application/zip',
            'Content-Disposition' => "attachment; filename=\"crowdsky_{$user->username}.zip\"",
        ];
        $readme = Texts::of($request)->say(
            'data.json holds what this CrowdSky site knows of your account: account, second factor, telescopes, keys without the keys'
            . ' themselves, logins, uploads, subs, jobs and stacks. It is JSON in UTF-8, times are UTC. Passwords, secrets and the'
            . ' stacks themselves are not in it; stacks can be downloaded on the page Stacks.'
        ) . "\n";

        return new Response(200, $headers, static function () use ($app, $user, $readme): void {
            set_time_limit(0);
            self::write($app, $user, $readme);
        });
    }

    private static function write(App $app, User $user, string $readme): void
    {
        // A ZIP file says the size of an entry before it.
        $document = fopen('php://temp/maxmemory:' . self::IN_MEMORY, 'w+b') ?: throw new \RuntimeException('there is no room for a temporary file');
        (new AccountExport($app->database()))->write($user, static function (string $piece) use ($document): void {
            if (fwrite($document, $piece) !== strlen($piece)) {
                throw new \RuntimeException('a temporary file cannot be written');
            }
        });
        rewind($document);
        $zip = new ZipWriter(static function (string $bytes): void {
            echo $bytes;
        });
        $now = $app->clock()->now();
        $zip->add('data.json', fstat($document)['size'] ?? 0, $now, static function (\Closure $sink) use ($document): void {
            while (($piece = (string) fread($document, self::PIECE)) !== '') {
                $sink($piece);
            }
        });
        $zip->add('README.txt', strlen($readme), $now, static fn (\Closure $sink) => $sink($readme));
        $zip->finish();
    }
}
