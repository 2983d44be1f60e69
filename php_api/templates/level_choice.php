<?php
/**
 * @var string $name  for those who cannot see where it stands
 * @var CrowdSky\Workers\TrustLevel $level  the one chosen
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Pages\Admin\LevelWords;
use CrowdSky\Workers\TrustLevel;

?>
<select name="level" aria-label="<?= $e($name) ?>">
<?php foreach (TrustLevel::cases() as $choice) : ?>
    <option value="<?= $e($choice->value) ?>"<?= $choice === $level ? ' selected' : '' ?>><?= $e(LevelWords::of($texts, $choice)) ?></option>
<?php endforeach ?>
</select>
