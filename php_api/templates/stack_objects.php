<?php
/**
 * @var list<CrowdSky\Measurements\FieldObject> $objects
 * @var Closure $e
 */
use CrowdSky\Pages\SkyFormat;

?>
<h2>Objects in the field</h2>
<div class="scroll" role="region" aria-label="Objects in the field" tabindex="0">
<table class="stacked">
    <thead><tr><th>Object</th><th>Position</th><th>Off centre</th><th>Size</th><th>Mag.</th></tr></thead>
    <tbody>
<?php foreach ($objects as $object) : ?>
        <tr>
            <td class="free" data-label="Object"><?php if ($object->messier !== null && $object->messier !== $object->name) : ?><strong><?= $e($object->messier) ?></strong> <?php endif ?><?= $e($object->name) ?> <span class="hint"><?= $e(implode(', ', [...$object->otherNames, $object->type])) ?></span></td>
            <td data-label="Position"><?= $e(SkyFormat::rightAscension($object->ra)) ?><br><?= $e(SkyFormat::declination($object->dec)) ?></td>
            <td data-label="Off centre"><?= $e(SkyFormat::number($object->separation, 1, '′')) ?></td>
            <td data-label="Size"><?= $e(SkyFormat::number($object->size, 1, '′')) ?></td>
            <td data-label="Magnitude"><?= $e(SkyFormat::number($object->magnitude, 1)) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
