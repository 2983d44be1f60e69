<?php
/**
 * @var array<string, string> $refused  name => reason
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
?>
<h1><?= $t('Nothing was uploaded') ?></h1>
<h2><?= $t('Cannot be used') ?></h2>
<ul class="files">
<?php foreach ($refused as $name => $reason) : ?>
    <li class="failed"><span class="name"><?= $e((string) $name) ?></span> <span class="why"><?= $e($texts->repeat($reason)) ?></span></li>
<?php endforeach ?>
</ul>
<p><a class="button" href="upload.php"><?= $t('Back to the upload') ?></a></p>
