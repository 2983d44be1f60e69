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
    <dt>Catalogue</dt><dd><?= $e($photometry->catalogue ?? Format::NONE) ?>
<?php if ($photometry->get('catalogue_error') !== null) : ?>
        (<?= $e(SkyFormat::number($photometry->get('catalogue_error'), 2, 'mag')) ?> for one star)
<?php endif ?></dd>
    <dt>Mid-exposure</dt><dd><?= $e(SkyFormat::number($photometry->get('bjd_tdb_mid'), 6, 'BJD (TDB)')) ?></dd>
</dl>
<div class="scroll" role="region" aria-label="Zero points" tabindex="0">
<table class="stacked">
    <thead><tr><th>Plane</th><th>Zero point</th><th>Error</th><th>Scatter</th><th>Colour term</th><th>Stars</th><th>Seeing</th></tr></thead>
    <tbody>
<?php foreach (Photometry::PLANES as $plane) : ?>
<?php $stars = $photometry->get('zero_point_stars', $plane) ?>
        <tr>
            <td data-label="Plane"><?= $e($names[$plane]) ?></td>
            <td data-label="Zero point"><?= $e(SkyFormat::number($photometry->get('zero_point', $plane), 2, 'mag')) ?></td>
            <td data-label="Error"><?= $e(SkyFormat::number($photometry->get('zero_point_error', $plane), 3, 'mag')) ?></td>
            <td data-label="Scatter"><?= $e(SkyFormat::number($photometry->get('zero_point_scatter', $plane), 2, 'mag')) ?></td>
            <td data-label="Colour term"><?= $e(SkyFormat::number($photometry->get('colour_term', $plane), 2, '')) ?></td>
            <td data-label="Stars"><?= $e($stars === null ? Format::NONE : (int) $stars) ?></td>
            <td data-label="Seeing"><?= $e(SkyFormat::number($photometry->get('fwhm_arcsec', $plane), 1, '″')) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
