<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Base\Refusal;
use CrowdSky\Hips\HipsFolder;
use CrowdSky\Hips\HipsServices;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

/** api/hips.php: the files of the HiPS, at the addresses of the standard behind it, such as /Norder3/Dir0/Npix12.png. */
final class HipsFile
{
    /** Seconds for which a client may keep a file: a stack that was made private leaves with the next build. */
    private const KEPT = 300;

    /** @throws Refusal when there is no such file */
    public static function answer(App $app, Request $request): Response
    {
        $name = ltrim($request->pathInfo(), '/');
        $folder = HipsServices::of($app)->folder();
        $path = $folder->find($name);
        $content = $path === null ? false : @file_get_contents($path);
        if ($content === false) {
            throw Refusal::notFound(self::whyNot($folder, $name));
        }
        $type = match (pathinfo($name, PATHINFO_EXTENSION)) {
            'png' => 'image/png',
            'fits' => 'application/fits',
            default => 'text/plain; charset=utf-8',
        };
        return new Response(200, ['Content-Type' => $type, 'Cache-Control' => 'max-age=' . self::KEPT] + VoTable::FOR_ALL_PAGES, $content);
    }

    private static function whyNot(HipsFolder $folder, string $name): string
    {
        return match (true) {
            $folder->find('properties') === null => 'Nothing has been drawn yet, so there is no HiPS; hips.php/properties is there once the operator has had one built',
            $name === '' => 'This is the address of the HiPS for programs such as Aladin; hips.php/properties describes it',
            default => 'There is no such file of the HiPS, as nothing is drawn there; hips.php/properties describes what there is',
        };
    }
}
