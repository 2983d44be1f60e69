<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Hats\HatsDescription;
use CrowdSky\Hats\HatsServices;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

/** api/hats.php: the files of the export of light curves, at the addresses of the HATS layout behind it. */
final class ExportFile
{
    private const TYPES = ['json' => 'application/json', 'csv' => 'text/csv', 'properties' => 'text/plain; charset=utf-8'];

    /** @throws Refusal without a key and a login, and when there is no such file */
    public static function answer(App $app, Request $request): Response
    {
        DataCall::reader($app, $request);
        // Some clients write the = of names as %3D, which some servers leave as it is.
        $name = rawurldecode(ltrim($request->pathInfo(), '/'));
        $services = HatsServices::of($app);
        $file = $services->files()->find($name);
        $handle = $file === null ? null : $services->folder()->open($file['sha256']);
        if ($file === null || $handle === null) {
            throw Refusal::notFound($services->files()->find(HatsDescription::MANIFEST) === null
                ? 'No light curves have been exported yet; hats.php/' . HatsDescription::MANIFEST . ' is there once the operator has had it done'
                : 'There is no such file of the export; hats.php/' . HatsDescription::MANIFEST . ' lists all');
        }
        $extension = pathinfo($name, PATHINFO_EXTENSION) ?: pathinfo($name, PATHINFO_FILENAME);
        return FileResponse::fromHandle($request, $handle, $file['sha256'], self::TYPES[$extension] ?? 'application/octet-stream', basename($name));
    }
}
