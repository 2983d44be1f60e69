<?php
/**
 * @var CrowdSky\Measurements\Photometry $photometry
 * @var Closure $e
 */
use CrowdSky\Base\Format;
use CrowdSky\Measurements\Photometry;
use CrowdSky\Pages\SkyFormat;

$names = ['r' => 'red', 'g' => 'green', 'b' => 'blue'];
?>
<h2>Photometry</h2>
<dl class="facts-list">
    <dt>Sky brightness</dt><dd><?= $e(SkyFormat::skyBrightness($photometry)) ?></dd>
    <dt>Limiting magnitude</dt><dd><?= $e(SkyFormat::number($photometry->get('limiting_mag'), 1, 'mag')) ?></dd>
    <dt>Catalogue</dt><dd><?= $e($photometry->catalogue ?? Format::NONE) ?></dd>
    <dt>Mid-exposure</dt><dd><?= $e(SkyFormat::number($photometry->get('bjd_tdb_mid'), 6, 'BJD (TDB)')) ?></dd>
</dl>
<table class="stacked">
    <thead><tr><th>Plane</th><th>Zero point</th><th>Scatter</th><th>Stars</th><th>Seeing</th></tr></thead>
    <tbody>
<?php foreach (Photometry::PLANES as $plane) : ?>
<?php $stars = $photometry->get('zero_point_stars', $plane) ?>
        <tr>
            <td data-label="Plane"><?= $e($names[$plane]) ?></td>
            <td data-label="Zero point"><?= $e(SkyFormat::number($photometry->get('zero_point', $plane), 2, 'mag')) ?></td>
            <td data-label="Scatter"><?= $e(SkyFormat::number($photometry->get('zero_point_scatter', $plane), 2, 'mag')) ?></td>
            <td data-label="Stars"><?= $e($stars === null ? Format::NONE : (int) $stars) ?></td>
            <td data-label="Seeing"><?= $e(SkyFormat::number($photometry->get('fwhm_arcsec', $plane), 1, '″')) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
